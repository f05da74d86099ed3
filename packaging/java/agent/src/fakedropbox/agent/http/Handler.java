package fakedropbox.agent.http;

import fakedropbox.agent.Leading;

/** The handler of http. Its name is the one that Java 8 looks for. */
public final class Handler extends Leading {
    /** For the JVM. */
    public Handler() {
        super("http", 80);
    }
}
