//! The charts of docs/flows.md are what the code does.

#[test]
fn the_charts_are_up_to_date() {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/flows.md");
    let document = std::fs::read_to_string(path).unwrap();
    let fresh = antom_testbed::chart::refresh(&document).unwrap();
    assert!(fresh == document, "run cargo run -p antom-testbed --bin charts");
    for state in ["Cancelling", "Authorised", "Ended_Orphaned", "Returned", "Defended", "Conflict"] {
        assert!(fresh.contains(state), "{state}");
    }
}
