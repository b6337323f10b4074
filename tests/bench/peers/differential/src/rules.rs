//! The rules as a dataflow from rows to violations. What a rule reads of another element is arranged
//! by that element, and only as finely as rules tell it apart, so that a change which crosses no bound
//! goes no further.

use std::rc::Rc;

use differential_dataflow::operators::{CountTotal, ThresholdTotal};
use differential_dataflow::VecCollection;
use peer_workload::{Rule, Workload};

use crate::rows::{Row, Status, APP, DINAS, SVC};

pub type Time = u32;
/// A rule's place among the rules, and the element.
pub type Violation = (u8, u32);
type Rows<'scope> = VecCollection<'scope, Time, Row>;
type Violations<'scope> = VecCollection<'scope, Time, Violation>;

const DAY_MS: i64 = 86_400_000;

/// The rules of one family by kind of element: (place, bound).
#[derive(Clone)]
struct Family(Rc<[Vec<(u8, i64)>; 4]>);

impl Family {
    fn new(name: &str, rules: &[Rule]) -> Family {
        let mut by_kind: [Vec<(u8, i64)>; 4] = Default::default();
        for (place, rule) in rules.iter().enumerate().filter(|(_, rule)| rule.family == name) {
            by_kind[rule.kind].push((place as u8, rule.bound));
        }
        Family(Rc::new(by_kind))
    }

    /// Those of the kind whose bound passes the test.
    fn of<'a>(&'a self, kind: u8, test: impl Fn(i64) -> bool + 'a) -> impl Iterator<Item = u8> + 'a {
        self.0[kind as usize].iter().filter(move |(_, bound)| test(*bound)).map(|(place, _)| *place)
    }
}

pub fn violations<'scope>(rows: Rows<'scope>, workload: &Workload) -> Violations<'scope> {
    let family = |name: &str| Family::new(name, &workload.rules);
    let all = [
        one(rows.clone(), family("one")),
        ones_floor(rows.clone(), family("ones_floor")),
        parts(rows.clone(), family("parts")),
        served(rows.clone(), family("served")),
        same(rows.clone(), family("same")),
        agency(rows.clone(), family("agency")),
    ];
    of_its_own(rows, [family("floor"), family("live"), family("until")], workload.now_ms).concatenate(all).consolidate()
}

/// Rules that read nothing but the element: no operator keeps anything.
fn of_its_own<'scope>(rows: Rows<'scope>, families: [Family; 3], now_ms: i64) -> Violations<'scope> {
    let [floor, live, until] = families;
    rows.flat_map(move |row| {
        let mut out: Vec<Violation> = floor.of(row.kind, |bound| row.n[0] as i64 <= bound).map(|rule| (rule, row.id)).collect();
        let asked = row.status == Status::Live && !row.f;
        out.extend(live.of(row.kind, |bound| asked && row.n[1] as i64 <= bound).map(|rule| (rule, row.id)));
        out.extend(until.of(row.kind, |bound| row.until_ms <= now_ms + bound * DAY_MS).map(|rule| (rule, row.id)));
        out
    })
}

/// By the element that `key` names: rules whose `when` holds, as its number `n` says, and the element.
fn asked<'scope>(
    rows: Rows<'scope>, family: Family, n: usize, key: fn(&Row) -> u32,
) -> VecCollection<'scope, Time, (u32, Violation)> {
    rows.flat_map(move |row| {
        family.of(row.kind, |bound| row.n[n] as i64 > bound).map(|rule| (key(&row), (rule, row.id))).collect::<Vec<_>>()
    })
}

fn one<'scope>(rows: Rows<'scope>, family: Family) -> Violations<'scope> {
    let known = rows.clone().filter(|row| row.kind == APP).map(|row| row.id);
    asked(rows, family, 2, |row| row.one).antijoin(known).map(|(_, violation)| violation)
}

fn ones_floor<'scope>(rows: Rows<'scope>, family: Family) -> Violations<'scope> {
    let low = rows.clone().filter(|row| row.kind == APP && row.n[0] <= 10).map(|row| row.id);
    asked(rows, family, 3, |row| row.one).semijoin(low).map(|(_, violation)| violation)
}

/// All, less those that the part saves: by bounds, which of them its number passes.
fn parts<'scope>(rows: Rows<'scope>, family: Family) -> Violations<'scope> {
    const PART: u8 = 1;
    let every = family.clone();
    let all = rows.clone().flat_map(move |row| every.of(row.kind, |_| true).map(|rule| (rule, row.id)).collect::<Vec<_>>());
    let bounds: Vec<i64> = family.0[PART as usize].iter().map(|(_, bound)| *bound).collect();
    let passed = rows.clone().filter(|row| row.kind == PART).map(move |row| {
        (row.id, bounds.iter().copied().filter(|bound| row.n[0] as i64 > *bound).max().unwrap_or(i64::MIN))
    });
    let saved = rows.filter(|row| row.kind != DINAS).map(|row| (row.parts, (row.kind, row.id)))
        .join_map(passed, |_, of, passed| (*of, *passed))
        .flat_map(move |((kind, id), passed)| {
            family.of(kind, |bound| bound <= passed).map(|rule| (rule, id)).collect::<Vec<_>>()
        });
    all.concat(saved.negate())
}

fn served<'scope>(rows: Rows<'scope>, family: Family) -> Violations<'scope> {
    rows.filter(|row| row.kind == SVC)
        .flat_map(move |row| {
            family.of(APP, |bound| row.n[1] as i64 <= bound - 20).map(|rule| (rule, row.one)).collect::<Vec<_>>()
        })
        .threshold_total(|_, _| 1isize)
}

fn same<'scope>(rows: Rows<'scope>, family: Family) -> Violations<'scope> {
    let rows = rows.filter(|row| row.kind != DINAS);
    let having = rows.clone().map(|row| (row.kind, row.code)).count_total();
    rows.filter(|row| row.status == Status::Plan)
        .map(|row| ((row.kind, row.code), row.id))
        .join_map(having, |(kind, _), id, having| (*kind, *id, *having as i64))
        .flat_map(move |(kind, id, having)| {
            family.of(kind, |bound| having - 1 >= bound).map(|rule| (rule, id)).collect::<Vec<_>>()
        })
}

fn agency<'scope>(rows: Rows<'scope>, family: Family) -> Violations<'scope> {
    let flagged = rows.clone().filter(|row| row.kind == DINAS && row.g).map(|row| row.id);
    asked(rows, family, 4, |row| row.owner).semijoin(flagged).map(|(_, violation)| violation)
}
