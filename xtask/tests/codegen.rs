//! The generator on a small description: what it writes, and what it refuses.
//!
//! After a wanted change: `cargo xtask codegen --spec xtask/tests/mini/spec --out xtask/tests/mini/api
//! --calls xtask/tests/mini/calls`, and read the difference.

#![allow(clippy::unwrap_used)] // A helper that fails is a test that fails.

use std::fs;
use std::path::{Path, PathBuf};

use xtask::codegen::{self, Product};

fn mini(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/mini").join(name)
}

/// A folder of this test's own, empty.
fn scratch(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    if folder.exists() {
        fs::remove_dir_all(&folder).unwrap();
    }
    fs::create_dir_all(&folder).unwrap();
    folder
}

/// The small description with one text replaced by another in one file.
fn changed(name: &str, file: &str, from: &str, to: &str) -> PathBuf {
    let folder = scratch(name);
    fs::create_dir_all(folder.join("groups")).unwrap();
    for path in ["models.json", "notifications.json", "result_codes.json", "groups/shop.json"] {
        let mut text = fs::read_to_string(mini("spec").join(path)).unwrap();
        if path == file {
            assert!(text.contains(from), "{file} does not hold {from}");
            text = text.replacen(from, to, 1);
        }
        fs::write(folder.join(path), text).unwrap();
    }
    folder
}

fn refusal(name: &str, file: &str, from: &str, to: &str) -> String {
    codegen::generate(Product::Messages, &changed(name, file, from, to)).unwrap_err().to_string()
}

#[test]
fn the_output_is_the_golden_one() {
    for (product, folder) in [(Product::Messages, "api"), (Product::Calls, "calls")] {
        let differences = codegen::differences(product, &mini("spec"), &mini(folder)).unwrap();
        assert!(differences.is_empty(), "{differences:#?}");
    }
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    assert_eq!(
        codegen::generate(Product::Messages, &mini("spec")).unwrap(),
        codegen::generate(Product::Messages, &mini("spec")).unwrap()
    );
}

#[test]
fn check_names_what_differs_is_missing_or_left_over() {
    let api = scratch("check");
    codegen::write(Product::Messages, &mini("spec"), &api).unwrap();
    assert!(codegen::differences(Product::Messages, &mini("spec"), &api).unwrap().is_empty());

    fs::write(api.join("mod.rs"), codegen::BANNER).unwrap();
    fs::remove_file(api.join("catalog.rs")).unwrap();
    fs::write(api.join("old.rs"), codegen::BANNER).unwrap();
    fs::write(api.join("by_hand.rs"), "// Written by hand.\n").unwrap();
    let lines = codegen::differences(Product::Messages, &mini("spec"), &api).unwrap();
    assert_eq!(
        lines,
        ["missing: catalog.rs", "differs: mod.rs", "left over: old.rs", "run `cargo xtask codegen`"]
    );

    let touched = codegen::write(Product::Messages, &mini("spec"), &api).unwrap();
    assert_eq!(touched, ["wrote catalog.rs", "wrote mod.rs", "removed old.rs"]);
    assert!(api.join("by_hand.rs").exists());
}

#[test]
fn the_table_for_people_names_everything() {
    let table = codegen::coverage(&mini("spec")).unwrap();
    assert!(
        table.contains(
            "1 operations in 1 groups, 1 notifications, 5 messages with 15 fields, 1 sets of words"
        ),
        "{table}"
    );
    assert!(table.contains("| `shop/sell` | `/ams/api/v1/shop/sell` | `shop::Sell` | `SellRequest` | `SellResponse` | `saleId` |  | `notifySale` |"), "{table}");
    assert!(table.contains("| `notifySale` | `SaleNotification` | `Sale`, `Return` |"), "{table}");
}

#[test]
fn contradictions_are_refused_by_name() {
    let shop = "groups/shop.json";
    for (name, file, from, to, said) in [
        (
            "ref",
            shop,
            "schemas/Thing\", \"description\": \"What is",
            "schemas/Thong\", \"description\": \"What is",
            "shop::Thong is not described",
        ),
        (
            "place",
            "models.json",
            "#/components/schemas/ResultStatus",
            "groups/shop.json#/components/schemas/Thing",
            "may not use",
        ),
        ("id", shop, "\"field\": \"saleId\"", "\"field\": \"saleNo\"", "\"saleNo\" is no member"),
        (
            "echo",
            shop,
            "\"x-antom-echoes\": [\"saleId\"]",
            "\"x-antom-echoes\": [\"cardNo\"]",
            "\"cardNo\" is not a plain member",
        ),
        (
            "typo",
            shop,
            "x-antom-sensitivity",
            "x-antom-sensitvity",
            "nothing reads the member \"x-antom-sensitvity\"",
        ),
        ("twice", shop, "\"cardNumber\"", "\"saleId\"", "two members are spelled \"saleId\""),
        ("required", shop, "\"required\": [\"name\"]", "\"required\": [\"nmae\"]", "\"nmae\" is demanded"),
        (
            "unused",
            shop,
            "\"Thing\": {",
            "\"Other\": {\"type\": \"object\", \"description\": \"x\", \"x-antom-role\": \"model\", \"properties\": {}}, \"Thing\": {",
            "shop::Other: nothing uses it",
        ),
        ("advice", "result_codes.json", "retry-same-request", "retry", "advice \"retry\" is not known"),
        (
            "operation",
            "result_codes.json",
            "\"shop/sell\"",
            "\"shop/buy\"",
            "operation \"shop/buy\" is not described",
        ),
    ] {
        let message = refusal(name, file, from, to);
        assert!(message.contains(said), "{name}: {message}");
        assert!(message.contains("nothing was written"), "{name}: {message}");
    }
    let unnamed = refusal("unnamed", "models.json", "{\"UNKNOWN\": \"Undetermined\"}", "{}");
    assert!(unnamed.contains("Unknown is taken"), "{unnamed}");
}

#[test]
fn text_that_is_not_json_is_refused_with_its_place() {
    let message = refusal("json", "models.json", "\"3.1.0\",", "\"3.1.0\"");
    assert!(message.contains("models.json") && message.contains("line 3"), "{message}");
}
