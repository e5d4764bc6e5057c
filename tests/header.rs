//! The C header is what `src/ffi` says, and compilers take it, alone and with the contract that programs rely on.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");
/// Set in the environment: the test writes the header instead of comparing it.
const BLESS: &str = "KINECT2_BLESS";

/// The modules of the C ABI in the order of their declaration, which is the order of the header.
fn sources() -> Vec<PathBuf> {
    let folder = Path::new(ROOT).join("src/ffi");
    let text = fs::read_to_string(folder.join("mod.rs")).unwrap();
    let modules = text.lines().filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';'));
    modules.map(|module| folder.join(module).with_extension("rs")).collect()
}

fn generate() -> String {
    let config = cbindgen::Config::from_file(Path::new(ROOT).join("cbindgen.toml")).unwrap();
    // File by file: given the crate, cbindgen would take the constants of the safe API too.
    let builder = sources().into_iter().fold(cbindgen::Builder::new().with_config(config), cbindgen::Builder::with_src);
    let mut header = Vec::new();
    builder.generate().unwrap().write(&mut header);
    String::from_utf8(header).unwrap()
}

#[test]
fn the_header_is_generated_from_the_source() {
    let path = Path::new(ROOT).join("include/streamkinect2.h");
    let generated = generate();
    if std::env::var_os(BLESS).is_some() {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, &generated).unwrap();
        return;
    }
    let committed = fs::read_to_string(&path).unwrap_or_default();
    let different = generated.lines().zip(committed.lines()).position(|(new, old)| new != old);
    let line = different.unwrap_or_else(|| generated.lines().count().min(committed.lines().count())) + 1;
    assert!(
        generated == committed,
        "include/streamkinect2.h is not what src/ffi and cbindgen.toml say, from line {line} on: run `{BLESS}=1 cargo test --test header`"
    );
}

/// A C and a C++ compiler of one make.
struct Compilers {
    c: Command,
    cpp: Command,
}

/// The compilers that the `cc` crate finds for this machine, and clang's where there are some.
fn compilers() -> Vec<Compilers> {
    let find = |cpp: bool| {
        let (host, folder) = (host(), std::env::temp_dir());
        let mut build = cc::Build::new();
        build.cpp(cpp).host(&host).target(&host).opt_level(0).out_dir(folder).no_default_flags(true).cargo_metadata(false);
        build.get_compiler().to_command()
    };
    let mut found = vec![Compilers { c: find(false), cpp: find(true) }];
    let there = |name: &str| Command::new(name).arg("--version").output().is_ok_and(|output| output.status.success());
    if there("clang") && there("clang++") {
        found.push(Compilers { c: Command::new("clang"), cpp: Command::new("clang++") });
    }
    found
}

/// The triple of the machine that the tests run on.
fn host() -> String {
    let output = Command::new(env!("CARGO")).arg("-vV").output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines().find_map(|line| line.strip_prefix("host: ")).unwrap().to_owned()
}

/// Lets every compiler check `text`, with `standard`.
fn check(standard: &str, text: &str) {
    let folder = tempfile::tempdir().unwrap();
    let cpp = standard.starts_with("c++");
    let file = folder.path().join(if cpp { "check.cpp" } else { "check.c" });
    fs::write(&file, text).unwrap();
    for compilers in compilers() {
        let mut compiler = if cpp { compilers.cpp } else { compilers.c };
        compiler.arg(format!("-std={standard}")).args(["-Wall", "-Wextra", "-Werror", "-pedantic", "-fsyntax-only"]);
        compiler.arg("-I").arg(Path::new(ROOT).join("include")).arg("-I").arg(Path::new(ROOT).join("tests/c")).arg(&file);
        let output = compiler.output().unwrap();
        assert!(output.status.success(), "{compiler:?}:\n{}", String::from_utf8_lossy(&output.stderr));
    }
}

const WITH_CONTRACT: &str = "#include \"streamkinect2.h\"\n#include \"contract.h\"\n";
const ALONE: &str = "#include \"streamkinect2.h\"\nint main(void) { return (int)kinect2_live_objects(); }\n";
const TWICE: &str = "#include \"streamkinect2.h\"\n#include \"streamkinect2.h\"\nint main(void) { return KINECT2_OK; }\n";
const VERSION: &str = "#include \"streamkinect2.h\"
#if KINECT2_VERSION_MAJOR * 10000 + KINECT2_VERSION_MINOR * 100 + KINECT2_VERSION_PATCH < 100
#error \"no version to compare in the preprocessor\"
#endif
typedef int declares_something;\n";

#[test]
fn the_header_keeps_the_contract_in_c11() {
    check("c11", WITH_CONTRACT);
}

#[test]
fn the_header_keeps_the_contract_in_cpp17() {
    check("c++17", WITH_CONTRACT);
}

#[test]
fn the_header_alone_is_c99_and_cpp11() {
    check("c99", ALONE);
    check("c++11", ALONE);
}

#[test]
fn the_header_may_be_included_twice() {
    check("c99", TWICE);
    check("c++17", TWICE);
}

#[test]
fn the_version_can_be_asked_by_the_preprocessor() {
    check("c99", VERSION);
}

/// The program in the header's preamble, without the comment around it.
fn first_program() -> String {
    let header = fs::read_to_string(Path::new(ROOT).join("include/streamkinect2.h")).unwrap();
    let lines = header.lines().skip_while(|line| !line.contains("#include <stdio.h>"));
    lines.map_while(|line| line.strip_prefix(" *     ").or((line == " *").then_some(""))).collect::<Vec<_>>().join("\n") + "\n"
}

#[test]
fn the_program_in_the_preamble_compiles() {
    let program = first_program();
    assert!(program.contains("int main(void)") && program.contains("kinect2_client_destroy"), "{program}");
    check("c99", &program);
}
