//! `/openapi.json` is complete and correct.

use std::collections::BTreeSet;

use cuecard_prompt::{Code, Document};
use serde_json::Value;

use super::Bench;
use crate::api::route::ROUTES;

#[test]
fn every_route_and_every_code_is_described() {
    let bench = Bench::new();
    let openapi = bench.get("/openapi.json");
    assert_eq!(openapi.status(), 200);
    let openapi = openapi.json();
    assert_eq!(openapi["openapi"], "3.1.0");
    for route in ROUTES {
        let method = route.method.as_str().to_ascii_lowercase();
        let operation = &openapi["paths"][route.path][&method];
        assert!(
            operation["operationId"].is_string(),
            "{method} {}",
            route.path
        );
        for (status, _) in route.answers {
            assert!(operation["responses"][status.to_string()].is_object());
        }
        for code in route.codes {
            let responses = &operation["responses"][code.status().to_string()];
            assert!(
                responses.to_string().contains(code.as_str()),
                "{code} {}",
                route.path
            );
        }
    }
    let codes = &openapi["components"]["schemas"]["Problem"]["properties"]["code"]["enum"];
    assert_eq!(codes.as_array().unwrap().len(), Code::ALL.len());
}

#[test]
fn every_reference_leads_somewhere_and_every_schema_is_used() {
    let openapi = Bench::new().get("/openapi.json").json();
    let mut used = BTreeSet::new();
    references(&openapi, &mut used);
    let schemas = openapi["components"]["schemas"].as_object().unwrap();
    let known: BTreeSet<String> = schemas.keys().cloned().collect();
    let missing: Vec<_> = used.difference(&known).collect();
    assert!(
        missing.is_empty(),
        "worker/src/api/schema lacks {missing:?}"
    );
    let unused: Vec<_> = known.difference(&used).collect();
    assert!(
        unused.is_empty(),
        "no route names {unused:?} of worker/src/api/schema"
    );
}

#[test]
fn every_field_of_a_document_is_described() {
    let openapi = Bench::new().get("/openapi.json").json();
    let described = &openapi["components"]["schemas"]["Document"]["properties"];
    for field in Document::FIELDS {
        let has = described.get(field).is_some();
        assert!(has, "worker/src/api/schema/documents.rs lacks `{field}`");
    }
}

fn references(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(members) => {
            if let Some(Value::String(target)) = members.get("$ref") {
                found.insert(target.rsplit('/').next().unwrap().to_owned());
            }
            members.values().for_each(|value| references(value, found));
        }
        Value::Array(items) => items.iter().for_each(|value| references(value, found)),
        _ => {}
    }
}
