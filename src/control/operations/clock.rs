//! Reading, stopping and moving the clock: of one account, or of the server and every account.

use super::{Answered, ControlError, Controls, Moment, Operation};
use crate::control::clock::{Change, Reading};
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

impl From<Reading> for ClockReading {
    fn from(Reading { now, frozen }: Reading) -> Self {
        let now = Moment(now);
        Self { now, frozen }
    }
}

/// A door to the one thing that can be done to a clock. The last part makes the change of the operation and of what
/// the clock shows.
macro_rules! door {
    ($operation:ty, $name:literal, $path:literal, $summary:literal, $change:expr) => {
        impl Operation for $operation {
            type Answer = ClockReading;
            const NAME: &'static str = $name;
            const METHOD: &'static str = "POST";
            const PATH: &'static str = $path;
            const SUMMARY: &'static str = $summary;

            async fn run(self, controls: Controls<'_>, scope: &Scope) -> Answered<Self> {
                let change: fn(Self, Timestamp) -> Result<Change, ControlError> = $change;
                let change = change(self, controls.now(scope))?;
                Ok(controls.clock.change(scope.name(), change).into())
            }
        }
    };
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

    async fn run(self, controls: Controls<'_>, scope: &Scope) -> Answered<Self> {
        Ok(controls.clock.read(scope.name()).into())
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

door!(
    FreezeClock,
    "freeze_clock",
    "/clock/freeze",
    "Stops the clock, where it is or at a point in time.",
    |this, _| Ok(this
        .at
        .map_or(Change::Freeze, |Moment(at)| Change::FreezeAt(at)))
);

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

door!(
    AdvanceClock,
    "advance_clock",
    "/clock/advance",
    "Moves the clock ahead by hours, seconds, milliseconds and microseconds together.",
    AdvanceClock::change
);

impl AdvanceClock {
    fn change(self, now: Timestamp) -> Result<Change, ControlError> {
        let microseconds = u128::from(self.hours) * 3_600_000_000
            + u128::from(self.seconds) * 1_000_000
            + u128::from(self.milliseconds) * 1_000
            + u128::from(self.microseconds);
        if microseconds == 0 {
            return Err(ControlError::bad(
                "The clock would not move: give at least one of hours, seconds, milliseconds and microseconds, above 0.",
            ));
        }
        let room = END_OF_TIME.since(now);
        if microseconds > room.as_micros() {
            return Err(ControlError::bad("The clock would pass the year 9999."));
        }
        let by = Duration::from_micros(u64::try_from(microseconds).unwrap_or(u64::MAX));
        Ok(Change::Advance(by))
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

door!(
    SetClock,
    "set_clock",
    "/clock/set",
    "Sets the clock; it goes on from there, or stays there if it is frozen.",
    |this, _| Ok(Change::Set(this.to.0))
);

/// Lets a frozen clock go on from where it stands.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ResumeClock {}

door!(
    ResumeClock,
    "resume_clock",
    "/clock/resume",
    "Lets a frozen clock go on from where it stands.",
    |_, _| Ok(Change::Resume)
);

/// Puts the clock back to the real time; an account's to that of the server.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ResetClock {}

door!(
    ResetClock,
    "reset_clock",
    "/clock/reset",
    "Puts the clock of the server back to the real time, that of an account to that of the server.",
    |_, _| Ok(Change::Reset)
);
