//! An element as a row: what is told of one is the old row taken back and the new one given.

use peer_workload::Write;

pub const APP: u8 = 0;
pub const SVC: u8 = 2;
pub const DINAS: u8 = 3;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Status {
    #[default]
    Plan,
    Live,
    Ended,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Row {
    pub kind: u8,
    pub id: u32,
    pub n: [i32; 5],
    pub status: Status,
    pub code: u32,
    pub f: bool,
    pub g: bool,
    pub until_ms: i64,
    pub owner: u32,
    pub one: u32,
    pub parts: u32,
}

impl Row {
    pub fn born(write: &Write) -> Row {
        let mut out = Row { kind: write.kind as u8, id: write.number, ..Row::default() };
        out.apply(write);
        out
    }

    pub fn apply(&mut self, write: &Write) {
        for (field, value) in &write.fields {
            self.set(field, value);
        }
    }

    fn set(&mut self, field: &str, value: &str) {
        let number = || value.parse::<u32>().expect("a number");
        match field {
            "status" => self.status = match value {
                "plan" => Status::Plan,
                "live" => Status::Live,
                _ => Status::Ended,
            },
            "code" => self.code = number(),
            "f" => self.f = value == "true",
            "g" => self.g = value == "true",
            "until" => self.until_ms = value.parse().expect("an instant"),
            "owner" => self.owner = number(),
            "one" => self.one = number(),
            "parts" => self.parts = number(),
            _ => self.n[field[1..].parse::<usize>().expect("n0 to n4")] = value.parse().expect("a number"),
        }
    }
}
