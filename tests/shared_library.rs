//! The shared library as programs meet it: what it exports, its name, and that a program compiled as the README says starts.
#![cfg(target_os = "linux")]

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

const ROOT: &str = env!("CARGO_MANIFEST_DIR");
const NAME: &str = "libstreamkinect2.so";

/// Builds the library as its users do, since tests come with one of their own, and gives its place.
fn library() -> &'static Path {
    static LIBRARY: OnceLock<PathBuf> = OnceLock::new();
    LIBRARY.get_or_init(|| {
        let mut build = Command::new(env!("CARGO"));
        build.args(["build", "--lib", "--message-format", "json"]).current_dir(ROOT);
        if !cfg!(debug_assertions) {
            build.arg("--release");
        }
        let output = build.stderr(Stdio::inherit()).output().unwrap();
        assert!(output.status.success(), "{build:?}");
        let messages = String::from_utf8(output.stdout).unwrap();
        let files = messages.lines().filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok()).flat_map(|message| {
            let files = message["filenames"].as_array().cloned().unwrap_or_default();
            files.into_iter().filter_map(|file| file.as_str().map(PathBuf::from))
        });
        files.into_iter().find(|file| file.ends_with(NAME)).expect("cargo names the library among what it built")
    })
}

/// What `program` prints about the library.
fn ask(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).arg(library()).output().unwrap();
    assert!(output.status.success(), "{program}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// Functions that the header declares.
fn declared() -> Vec<String> {
    let header = fs::read_to_string(Path::new(ROOT).join("include/streamkinect2.h")).unwrap();
    let code = header.lines().filter(|line| !line.starts_with([' ', '/', '#']) && line.contains('(') && !line.starts_with("typedef"));
    code.filter_map(|line| Some(line[..line.find('(')?].rsplit([' ', '*']).next()?.to_owned())).collect()
}

#[test]
fn it_exports_what_the_header_declares_and_nothing_else() {
    let symbols = ask("nm", &["-D", "--defined-only"]);
    let mut exported: Vec<&str> = symbols.lines().filter_map(|line| line.split(' ').next_back()).collect();
    let mut declared = declared();
    exported.sort_unstable();
    declared.sort_unstable();
    assert!(declared.len() > 80, "{declared:?}");
    assert_eq!(exported, declared);
}

#[test]
fn its_soname_has_the_version_that_programs_depend_on_and_is_found_beside_it() {
    let (major, minor) = (env!("CARGO_PKG_VERSION_MAJOR"), env!("CARGO_PKG_VERSION_MINOR"));
    let soname = if major == "0" { format!("{NAME}.0.{minor}") } else { format!("{NAME}.{major}") };
    assert!(ask("readelf", &["-d"]).contains(&format!("soname: [{soname}]")));
    let beside = library().with_file_name(soname);
    assert_eq!(fs::canonicalize(&beside).unwrap(), fs::canonicalize(library()).unwrap());
}

/// The first C program of the README, and the command that compiles it.
fn first_program() -> (String, String) {
    let readme = fs::read_to_string(Path::new(ROOT).join("README.md")).unwrap();
    let block = readme.lines().skip_while(|line| *line != "```c").skip(1).take_while(|line| *line != "```");
    let program = block.collect::<Vec<_>>().join("\n") + "\n";
    let command = readme.lines().find(|line| line.starts_with("cc ")).expect("a line that begins with cc");
    (program, command.to_owned())
}

/// A command that runs `program` away from everybody's network, where the system lets us.
fn alone(program: &Path) -> Command {
    for options in [&["--net"][..], &["--net", "--map-root-user"]] {
        if Command::new("unshare").args(options).arg("true").output().is_ok_and(|output| output.status.success()) {
            let mut command = Command::new("unshare");
            command.args(options).arg(program);
            return command;
        }
    }
    Command::new(program)
}

#[test]
fn the_first_program_of_the_readme_compiles_and_starts() {
    let (program, command) = first_program();
    let words: Vec<&str> = command.split_whitespace().collect();
    let source = words.iter().find(|word| word.ends_with(".c")).expect("the name of the program");
    let binary = words.iter().position(|word| *word == "-o").map_or("a.out", |at| words[at + 1]);

    // A folder that looks like a clone after its build, so that the command runs as it stands.
    let folder = tempfile::tempdir().unwrap();
    let clone = folder.path();
    symlink(Path::new(ROOT).join("include"), clone.join("include")).unwrap();
    fs::create_dir(clone.join("target")).unwrap();
    symlink(library().parent().unwrap(), clone.join("target/release")).unwrap();
    fs::write(clone.join(source), program).unwrap();
    let compiled = Command::new("sh").arg("-c").arg(&command).current_dir(clone).output().unwrap();
    assert!(compiled.status.success(), "{command}\n{}", String::from_utf8_lossy(&compiled.stderr));

    // Cargo tells the loader where tests find the library; the program has to find it by itself.
    let mut run = alone(&clone.join(binary));
    run.current_dir(clone).env_remove("LD_LIBRARY_PATH").stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = run.spawn().unwrap();
    let end = Instant::now() + Duration::from_secs(3);
    while child.try_wait().unwrap().is_none() && Instant::now() < end {
        std::thread::sleep(Duration::from_millis(20));
    }
    let ended_by_itself = child.try_wait().unwrap();
    if ended_by_itself.is_none() {
        child.kill().unwrap();
    }
    let output = child.wait_with_output().unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(!errors.contains("shared librar"), "the loader did not find the library: {errors}");
    assert!(ended_by_itself.is_none_or(|status| status.code().is_some_and(|code| code < 126)), "{ended_by_itself:?}: {errors}");
}
