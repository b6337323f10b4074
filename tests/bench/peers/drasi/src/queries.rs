//! The rules as graph queries, each returning `id`, the element that violates the rule.

use peer_workload::{Rule, KINDS};

const DAY_MS: i64 = 86_400_000;

pub struct Text {
    pub cypher: String,
    /// Of the nodes and relations that the query reads; nothing else is sent to it.
    pub labels: Vec<String>,
}

/// What narrows a node stands in the node, so that no path is sought from one that does not match.
pub fn text_of(rule: &Rule, now_ms: i64) -> Text {
    let (kind, bound) = (KINDS[rule.kind], rule.bound);
    let (until, less) = (now_ms + bound * DAY_MS, bound - 20);
    let (matched, others): (String, Vec<String>) = match rule.family.as_str() {
        "floor" => (format!("MATCH (e:{kind} WHERE e.n0 <= {bound})"), vec![]),
        "live" => (format!("MATCH (e:{kind} WHERE e.status = 'live' AND e.n1 <= {bound} AND e.f = false)"), vec![]),
        "until" => (format!("MATCH (e:{kind} WHERE e.until <= {until})"), vec![]),
        "one" => (
            format!("MATCH (e:{kind} WHERE e.n2 > {bound}) OPTIONAL MATCH (e)-[:{kind}_one]->(o:app) WHERE o IS NULL"),
            vec![format!("{kind}_one"), "app".to_string()],
        ),
        "ones_floor" => (
            format!("MATCH (e:{kind} WHERE e.n3 > {bound})-[:{kind}_one]->(o:app WHERE o.n0 <= 10)"),
            vec![format!("{kind}_one"), "app".to_string()],
        ),
        "parts" => (
            format!("MATCH (e:{kind})-[:{kind}_parts]->(p:part WHERE p.n0 <= {bound})"),
            vec![format!("{kind}_parts"), "part".to_string()],
        ),
        "served" => (
            format!("MATCH (s:svc WHERE s.n1 <= {less})-[:svc_one]->(e:app)"),
            vec!["svc".to_string(), "svc_one".to_string()],
        ),
        "agency" => (
            format!("MATCH (e:{kind} WHERE e.n4 > {bound})-[:{kind}_owner]->(d:dinas WHERE d.g = true)"),
            vec![format!("{kind}_owner"), "dinas".to_string()],
        ),
        family => panic!("no query for {family}: name it in WITHOUT"),
    };
    let mut labels = others;
    labels.push(kind.to_string());
    labels.sort();
    labels.dedup();
    Text { cypher: format!("{matched} RETURN e.id AS id"), labels }
}
