//! drasi-core under the rules of the workload, for run_peers.
//!
//!     peer-drasi WORKLOAD FILE
//!
//! as `peer_ours dump` wrote it; FILE receives the violations. A continuous query a rule, each with its own
//! index in memory, as drasi-core has it, and told of nothing but the labels that it reads; one change at a
//! time. `now` stands still at the end of the run: no rule falls due meanwhile.

mod changes;
mod queries;

use std::{collections::HashMap, env, sync::Arc, time::Instant};

use changes::{changes_of, Told};
use drasi_core::{
    evaluation::{
        context::{QueryPartEvaluationContext, QueryVariables},
        functions::FunctionRegistry,
    },
    query::{ContinuousQuery, QueryBuilder},
};
use drasi_functions_cypher::CypherFunctionSet;
use drasi_query_cypher::CypherParser;
use peer_workload::{answer, cpu_seconds, read, Measured, Workload};

#[derive(Default)]
struct Judge {
    queries: Vec<ContinuousQuery>,
    by_label: HashMap<String, Vec<usize>>,
    /// By rule and element: rows that say so.
    rows: HashMap<(usize, u32), i64>,
}

fn id_of(row: &QueryVariables) -> u32 {
    row["id"].as_i64().expect("a number") as u32
}

impl Judge {
    async fn new(workload: &Workload) -> Judge {
        let mut out = Judge::default();
        for (place, rule) in workload.rules.iter().enumerate() {
            let text = queries::text_of(rule, workload.now_ms);
            for label in text.labels {
                out.by_label.entry(label).or_default().push(place);
            }
            let functions = Arc::new(FunctionRegistry::new()).with_cypher_function_set();
            let parser = Arc::new(CypherParser::new(functions.clone()));
            let builder = QueryBuilder::new(text.cypher, parser).with_function_registry(functions);
            out.queries.push(builder.build().await);
        }
        out
    }

    async fn tell(&mut self, told: &Told) {
        let Some(places) = self.by_label.get(&told.label) else { return };
        for place in places {
            let results = self.queries[*place].process_source_change(told.change.clone()).await.expect("a result");
            for result in results {
                let mut count = |row: &QueryVariables, by| *self.rows.entry((*place, id_of(row))).or_default() += by;
                match result {
                    QueryPartEvaluationContext::Adding { after, .. } => count(&after, 1),
                    QueryPartEvaluationContext::Removing { before, .. } => count(&before, -1),
                    QueryPartEvaluationContext::Updating { before, after, .. } => {
                        count(&before, -1);
                        count(&after, 1);
                    }
                    QueryPartEvaluationContext::Noop => {}
                    other => panic!("no query aggregates: {other:?}"),
                }
            }
        }
    }
}

async fn play(workload: &Workload) -> Measured {
    let mut judge = Judge::new(workload).await;
    let mut at = 1_767_225_600_000;
    let birth = cpu_seconds();
    for write in &workload.births {
        for told in changes_of(write, at, true) {
            judge.tell(&told).await;
        }
    }
    let load_seconds = cpu_seconds() - birth;
    let mut updates = Vec::new();
    for write in &workload.updates {
        at += 1;
        updates.push(changes_of(write, at, false));
    }
    let begin = cpu_seconds();
    let mut each = Vec::with_capacity(updates.len());
    for changes in &updates {
        let start = Instant::now();
        for told in changes {
            judge.tell(told).await;
        }
        each.push(start.elapsed());
    }
    let seconds = cpu_seconds() - begin;
    let violations = judge.rows.iter().filter(|(_, rows)| **rows > 0).map(|(violation, _)| *violation).collect();
    Measured { load_seconds, seconds, each, violations }
}

fn main() {
    let arguments: Vec<String> = env::args().collect();
    let workload = read(&arguments[1]);
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    let measured = runtime.block_on(play(&workload));
    answer(&workload, measured, &arguments[2]);
}
