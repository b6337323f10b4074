//! What is told of an element, as changes of a graph: fields are a node's properties, ends are relations.

use std::sync::Arc;

use drasi_core::models::{Element, ElementMetadata, ElementPropertyMap, ElementReference, ElementValue, SourceChange};
use peer_workload::{Write, KINDS};

/// One change, and the label by which queries are told.
pub struct Told {
    pub label: String,
    pub change: SourceChange,
}

fn reference(id: String) -> ElementReference {
    ElementReference::new("bench", &id)
}

fn metadata(id: String, label: &str, at: u64) -> ElementMetadata {
    ElementMetadata { reference: reference(id), labels: Arc::from([Arc::from(label)]), effective_from: at }
}

fn value_of(text: &str) -> ElementValue {
    match text {
        "true" => ElementValue::Bool(true),
        "false" => ElementValue::Bool(false),
        _ => text.parse().map_or_else(|_| ElementValue::String(Arc::from(text)), ElementValue::Integer),
    }
}

fn end_of(field: &str) -> Option<&'static str> {
    match field {
        "owner" => Some("dinas"),
        "one" => Some("app"),
        "parts" => Some("part"),
        _ => None,
    }
}

pub fn changes_of(write: &Write, at: u64, is_new: bool) -> Vec<Told> {
    let kind = KINDS[write.kind];
    let node = format!("{kind}-{}", write.number);
    let mut properties = ElementPropertyMap::new();
    let mut relations = Vec::new();
    if is_new {
        properties.insert("id", ElementValue::Integer(write.number.into()));
    }
    for (field, value) in &write.fields {
        let Some(end) = end_of(field) else {
            properties.insert(field, value_of(value));
            continue;
        };
        let label = format!("{kind}_{field}");
        let told = |change| Told { label: label.clone(), change };
        let data = metadata(format!("{node}-{field}"), &label, at);
        if !is_new {
            relations.push(told(SourceChange::Delete { metadata: data.clone() }));
        }
        relations.push(told(SourceChange::Insert {
            element: Element::Relation {
                metadata: data,
                in_node: reference(node.clone()),
                out_node: reference(format!("{end}-{value}")),
                properties: ElementPropertyMap::new(),
            },
        }));
    }
    let element = Element::Node { metadata: metadata(node.clone(), kind, at), properties };
    let mut out = Vec::new();
    if is_new {
        out.push(Told { label: kind.to_string(), change: SourceChange::Insert { element } });
    } else if relations.is_empty() {
        out.push(Told { label: kind.to_string(), change: SourceChange::Update { element } });
    }
    out.extend(relations);
    out
}
