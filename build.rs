//! Names the shared library for programs that link against it, and leaves it where they find it.

use std::env;
use std::path::{Path, PathBuf};

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    if let Some(soname) = soname() {
        println!("cargo:rustc-cdylib-link-arg=-Wl,-soname,{soname}");
        link_soname(&profile_folder(), &soname);
    }
}

/// The name that programs ask the loader for, on systems with ELF files. It changes when programs have to be compiled anew: below 1.0
/// with every minor version, then with the major one.
fn soname() -> Option<String> {
    let family = variable("CARGO_CFG_TARGET_FAMILY");
    let elf = family.split(',').any(|name| name == "unix") && variable("CARGO_CFG_TARGET_VENDOR") != "apple";
    let (major, minor) = (variable("CARGO_PKG_VERSION_MAJOR"), variable("CARGO_PKG_VERSION_MINOR"));
    let version = if major == "0" { format!("0.{minor}") } else { major };
    elf.then(|| format!("libstreamkinect2.so.{version}"))
}

/// Where cargo puts the libraries: `<target>[/<triple>]/<profile>`, of which `OUT_DIR` is `build/<package>/out`.
fn profile_folder() -> PathBuf {
    let out = PathBuf::from(variable("OUT_DIR"));
    out.ancestors().nth(3).map_or(out.clone(), Path::to_path_buf)
}

/// A link with the soname beside the library: a program that was linked against the library starts. (A host that cannot make one builds
/// for others; their packages make it.)
#[cfg(unix)]
fn link_soname(folder: &Path, soname: &str) {
    let link = folder.join(soname);
    if link.read_link().is_ok_and(|target| target == Path::new("libstreamkinect2.so")) {
        return;
    }
    // What is there by that name is of an older build.
    let _ = std::fs::remove_file(&link);
    if let Err(error) = std::os::unix::fs::symlink("libstreamkinect2.so", &link) {
        println!("cargo:warning=cannot make the link {}: {error}", link.display());
    }
}

#[cfg(not(unix))]
fn link_soname(_folder: &Path, _soname: &str) {}

fn variable(name: &str) -> String {
    env::var(name).unwrap_or_default()
}
