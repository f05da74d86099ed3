package fakedropbox.agent.https;

import fakedropbox.agent.Leading;

/** The handler of https. Its name is the one that Java 8 looks for. */
public final class Handler extends Leading {
    /** For the JVM. */
    public Handler() {
        super("https", 443);
    }
}
