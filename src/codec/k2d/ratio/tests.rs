//! Profile R as a whole.

use super::*;

/// Prints what `scripts/k2d_tables.py` makes tables of: a line per image and context with the count of every symbol.
#[test]
#[ignore = "prints counts of the images that K2D_COUNT names"]
fn counts() {
    let names = std::env::var("K2D_COUNT").unwrap();
    for name in names.split(':') {
        let bytes = std::fs::read(name).unwrap();
        let pixels: Vec<u16> = bytes.as_chunks().0.iter().map(|pixel| u16::from_le_bytes(*pixel)).collect();
        let image = Image::new(&pixels, 512, 424).unwrap();
        let mut workspace = Workspace::default();
        let mut out = vec![0; bound(512, 424)];
        encode(Level::Portable, &mut workspace, image, &Mask::of(image), &mut out).unwrap();
        workspace.counts.clear();
        workspace.counts.add(&workspace.tokens);
        let stem = std::path::Path::new(name).file_stem().unwrap().to_str().unwrap();
        for (context, counts) in workspace.counts.rows() {
            let counts: Vec<String> = counts.iter().map(u32::to_string).collect();
            println!("{stem},{context},{}", counts.join(","));
        }
    }
}
