//! Differential dataflow under the rules of the workload, for run_peers.
//!
//!     peer-differential WORKLOAD FILE [BATCH]
//!
//! as `peer_ours dump` wrote it; FILE receives the violations. One worker; BATCH updates (1000) share an
//! instant and are seen through before the next are told. `now` stands still at the end of the run: no
//! rule falls due meanwhile.

mod rows;
mod rules;

use std::{cell::RefCell, collections::{HashMap, HashSet}, env, rc::Rc, time::Instant};

use differential_dataflow::input::{Input, InputSession};
use peer_workload::{answer, cpu_seconds, read, Measured, Workload};
use rows::Row;
use rules::{violations, Time, Violation};
use timely::{dataflow::ProbeHandle, worker::Worker};

/// What stands, kept as the dataflow tells it.
type Standing = Rc<RefCell<HashSet<Violation>>>;

struct Told {
    input: InputSession<Time, Row, isize>,
    probe: ProbeHandle<Time>,
    rows: HashMap<(usize, u32), Row>,
}

impl Told {
    /// Until everything told so far has been judged.
    fn see_through(&mut self, worker: &mut Worker) {
        let next = self.input.time() + 1;
        self.input.advance_to(next);
        self.input.flush();
        worker.step_while(|| self.probe.less_than(self.input.time()));
    }
}

fn build(worker: &mut Worker, workload: &Workload, standing: &Standing) -> Told {
    let mut probe = ProbeHandle::new();
    let keep = standing.clone();
    let input = worker.dataflow(|scope| {
        let (input, rows) = scope.new_collection();
        violations(rows, workload)
            .inspect(move |(violation, _, diff)| {
                let mut all = keep.borrow_mut();
                let is_news = if *diff > 0 { all.insert(*violation) } else { all.remove(violation) };
                assert!(is_news && diff.abs() == 1, "a violation counted twice");
            })
            .probe_with(&mut probe);
        input
    });
    Told { input, probe, rows: HashMap::new() }
}

fn play(worker: &mut Worker, workload: &Workload, batch: usize) -> Measured {
    let standing = Standing::default();
    let birth = cpu_seconds();
    let mut told = build(worker, workload, &standing);
    for write in &workload.births {
        let row = Row::born(write);
        told.rows.insert((write.kind, write.number), row);
        told.input.insert(row);
    }
    told.see_through(worker);
    let begin = cpu_seconds();
    let mut each = Vec::new();
    for batch in workload.updates.chunks(batch) {
        let at = Instant::now();
        for write in batch {
            let row = told.rows.get_mut(&(write.kind, write.number)).expect("an element");
            told.input.remove(*row);
            row.apply(write);
            told.input.insert(*row);
        }
        told.see_through(worker);
        each.push(at.elapsed());
    }
    let seconds = cpu_seconds() - begin;
    let violations = standing.borrow().iter().map(|(rule, id)| (*rule as usize, *id)).collect();
    Measured { load_seconds: begin - birth, seconds, each, violations }
}

fn main() {
    let arguments: Vec<String> = env::args().collect();
    let workload = read(&arguments[1]);
    let batch = arguments.get(3).map_or(1000, |text| text.parse().expect("BATCH"));
    let file = arguments[2].clone();
    timely::execute_directly(move |worker| {
        let measured = play(worker, &workload, batch);
        answer(&workload, measured, &file);
    });
}
