//! Reading, stopping and moving the clock: of one account, or of the server and every account.
//!
//! ```
//! use fake_dropbox::FakeDropbox;
//! use fake_dropbox::control::operations::clock::{
//!     AdvanceClock, ClockReading, FreezeClock, ReadClock, ResetClock, ResumeClock, SetClock,
//! };
//! use std::time::Duration;
//! use fake_dropbox::control::scope::Scope;
//!
//! let dropbox = FakeDropbox::start_blocking();
//! let alice = Scope::account("alice");
//! let noon = "2026-01-31T12:00:00Z".parse().expect("a time");
//! dropbox.run_blocking(&alice, FreezeClock { at: Some(noon) })?;
//! dropbox.run_blocking(&alice, AdvanceClock::by(Duration::from_millis(1)))?;
//! let reading: ClockReading = dropbox.run_blocking(&alice, ReadClock {})?;
//! assert_eq!(reading.now.to_string(), "2026-01-31T12:00:00.001Z");
//! assert!(reading.frozen);
//! dropbox.run_blocking(&alice, SetClock { to: noon })?;
//! dropbox.run_blocking(&alice, ResumeClock {})?;
//! dropbox.run_blocking(&alice, ResetClock {})?;
//! # Ok::<(), fake_dropbox::control::operations::ControlError>(())
//! ```

use super::{ControlError, Controls, Moment, Operation};
use crate::control::clock::Pace;
use crate::control::scope::Scope;
use crate::dropbox::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// What the clock shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct ClockReading {
    /// The time.
    pub now: Moment,
    /// Whether it stands still.
    pub frozen: bool,
}

fn read(controls: Controls<'_>, scope: &Scope) -> ClockReading {
    match controls.clock.pace(scope.name()) {
        Pace::Frozen(now) => ClockReading {
            now: Moment(now),
            frozen: true,
        },
        Pace::Running { .. } => ClockReading {
            now: Moment(controls.now(scope)),
            frozen: false,
        },
    }
}

/// Reads the clock.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ReadClock {}

impl Operation for ReadClock {
    type Answer = ClockReading;
    const NAME: &'static str = "read_clock";
    const METHOD: &'static str = "GET";
    const PATH: &'static str = "/clock";
    const SUMMARY: &'static str = "Reads the clock of an account or of the server.";

    async fn run(
        self,
        controls: Controls<'_>,
        scope: &Scope,
    ) -> Result<ClockReading, ControlError> {
        Ok(read(controls, scope))
    }
}

/// Stops the clock, where it is or at a point in time.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct FreezeClock {
    /// Where it shall stand; where it is if nothing is said.
    #[serde(default)]
    pub at: Option<Moment>,
}

impl Operation for FreezeClock {
    type Answer = ClockReading;
    const NAME: &'static str = "freeze_clock";
    const METHOD: &'static str = "POST";
    const PATH: &'static str = "/clock/freeze";
    const SUMMARY: &'static str = "Stops the clock, where it is or at a point in time.";

    async fn run(
        self,
        controls: Controls<'_>,
        scope: &Scope,
    ) -> Result<ClockReading, ControlError> {
        match self.at {
            Some(Moment(at)) => controls.clock.freeze_at(scope.name(), at),
            None => controls.clock.freeze(scope.name()),
        }
        Ok(read(controls, scope))
    }
}

/// Moves the clock ahead, whether it stands still or not.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct AdvanceClock {
    /// Hours to add.
    pub hours: u64,
    /// Seconds to add.
    pub seconds: u64,
    /// Milliseconds to add.
    pub milliseconds: u64,
    /// Microseconds to add.
    pub microseconds: u64,
}

impl AdvanceClock {
    /// Moves the clock ahead by so much, to the microsecond.
    pub fn by(duration: Duration) -> Self {
        Self {
            seconds: duration.as_secs(),
            microseconds: duration.subsec_micros().into(),
            ..Self::default()
        }
    }
}

/// The last moment that can be written in four digits of a year.
const END_OF_TIME: Timestamp = Timestamp::from_seconds(253_402_300_799);

impl Operation for AdvanceClock {
    type Answer = ClockReading;
    const NAME: &'static str = "advance_clock";
    const METHOD: &'static str = "POST";
    const PATH: &'static str = "/clock/advance";
    const SUMMARY: &'static str =
        "Moves the clock ahead by hours, seconds, milliseconds and microseconds together.";

    async fn run(
        self,
        controls: Controls<'_>,
        scope: &Scope,
    ) -> Result<ClockReading, ControlError> {
        let microseconds = u128::from(self.hours) * 3_600_000_000
            + u128::from(self.seconds) * 1_000_000
            + u128::from(self.milliseconds) * 1_000
            + u128::from(self.microseconds);
        if microseconds == 0 {
            return Err(ControlError::bad(
                "The clock would not move: give at least one of hours, seconds, milliseconds and microseconds, above 0.",
            ));
        }
        let room = END_OF_TIME.since(controls.now(scope));
        if microseconds > room.as_micros() {
            return Err(ControlError::bad("The clock would pass the year 9999."));
        }
        let by = Duration::from_micros(u64::try_from(microseconds).unwrap_or(u64::MAX));
        controls.clock.advance(scope.name(), by);
        Ok(read(controls, scope))
    }
}

/// Sets the clock; it goes on from there, or stays there if it is frozen.
#[derive(Clone, Copy, Debug, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SetClock {
    /// The new time; it may be before the old one.
    pub to: Moment,
}

impl Operation for SetClock {
    type Answer = ClockReading;
    const NAME: &'static str = "set_clock";
    const METHOD: &'static str = "POST";
    const PATH: &'static str = "/clock/set";
    const SUMMARY: &'static str =
        "Sets the clock; it goes on from there, or stays there if it is frozen.";

    async fn run(
        self,
        controls: Controls<'_>,
        scope: &Scope,
    ) -> Result<ClockReading, ControlError> {
        controls.clock.set(scope.name(), self.to.0);
        Ok(read(controls, scope))
    }
}

/// Lets a frozen clock go on from where it stands.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ResumeClock {}

impl Operation for ResumeClock {
    type Answer = ClockReading;
    const NAME: &'static str = "resume_clock";
    const METHOD: &'static str = "POST";
    const PATH: &'static str = "/clock/resume";
    const SUMMARY: &'static str = "Lets a frozen clock go on from where it stands.";

    async fn run(
        self,
        controls: Controls<'_>,
        scope: &Scope,
    ) -> Result<ClockReading, ControlError> {
        // Where it went on from: it goes while this answer is on its way.
        let from = read(controls, scope);
        controls.clock.resume(scope.name());
        Ok(ClockReading {
            frozen: false,
            ..from
        })
    }
}

/// Puts the clock back to the real time; an account's to that of the server.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ResetClock {}

impl Operation for ResetClock {
    type Answer = ClockReading;
    const NAME: &'static str = "reset_clock";
    const METHOD: &'static str = "POST";
    const PATH: &'static str = "/clock/reset";
    const SUMMARY: &'static str = "Puts the clock of the server back to the real time, that of an account to that of the server.";

    async fn run(
        self,
        controls: Controls<'_>,
        scope: &Scope,
    ) -> Result<ClockReading, ControlError> {
        controls.clock.reset(scope.name());
        Ok(read(controls, scope))
    }
}
