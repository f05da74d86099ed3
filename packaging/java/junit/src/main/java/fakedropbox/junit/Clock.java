package fakedropbox.junit;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;

/** The clock of an account: its links, tokens and timestamps follow it. */
public final class Clock {
    private final Controls controls;

    Clock(Controls controls) {
        this.controls = controls;
    }

    /** The time. */
    public Instant now() {
        return Instant.parse(String.valueOf(controls.get("/clock").get("now")));
    }

    /** Moves it ahead. */
    public void advance(Duration by) {
        if (by.isNegative()) {
            throw new IllegalArgumentException("advance goes forward; set puts the clock to any time");
        }
        controls.post("/clock/advance", Map.of("microseconds", by.toSeconds() * 1_000_000 + by.getNano() / 1000));
    }

    /** Stops it where it is. */
    public void freeze() {
        controls.post("/clock/freeze", Map.of());
    }

    /** Stops it at a point in time. */
    public void freeze(Instant at) {
        controls.post("/clock/freeze", Map.of("at", at.toString()));
    }

    /** Sets it; it goes on from there, or stays there if it is frozen. */
    public void set(Instant to) {
        controls.post("/clock/set", Map.of("to", to.toString()));
    }

    /** Lets it go on. */
    public void resume() {
        controls.post("/clock/resume", Map.of());
    }
}
