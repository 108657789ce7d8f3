//! Every render fixture, natively: the hash over all outputs that `tests/runtimes` finds again in every runtime.

use std::error::Error;
use std::fmt::Write;
use std::fs;
use std::path::Path;

use cuecard_prompt::{Document, Prompt};
use serde_json::Value;
use sha2::{Digest, Sha256};

#[test]
fn the_hash_over_all_outputs() -> Result<(), Box<dyn Error>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/fixtures/render");
    let mut files: Vec<_> = fs::read_dir(&folder)?
        .map(|entry| entry.map(|e| e.path()))
        .collect::<Result<_, _>>()?;
    files.retain(|file| {
        file.extension()
            .is_some_and(|extension| extension == "json")
    });
    files.sort();
    let mut outputs = String::new();
    for file in files {
        let fixture: Value = serde_json::from_str(&fs::read_to_string(&file)?)?;
        let prompt = Document::from_value(fixture["prompt"].clone())
            .and_then(|document| Prompt::compile(&document));
        for case in fixture["cases"].as_array().into_iter().flatten() {
            let rendered = prompt
                .as_ref()
                .map_err(Clone::clone)
                .and_then(|prompt| prompt.render(&case["inputs"]));
            let outcome = match rendered {
                Ok(rendered) => serde_json::to_string(&rendered.messages)?,
                Err(error) => error.code().to_string(),
            };
            writeln!(
                outputs,
                "{}\t{outcome}",
                case["id"].as_str().unwrap_or_default()
            )?;
        }
    }
    let mut hash = String::new();
    for byte in Sha256::digest(&outputs) {
        write!(hash, "{byte:02x}")?;
    }
    let file = folder.join("HASH");
    if std::env::var_os("UPDATE_FIXTURES").is_some() {
        fs::write(&file, format!("{hash}\n"))?;
    }
    assert_eq!(
        fs::read_to_string(&file)?.trim(),
        hash,
        "UPDATE_FIXTURES=1 writes it"
    );
    Ok(())
}
