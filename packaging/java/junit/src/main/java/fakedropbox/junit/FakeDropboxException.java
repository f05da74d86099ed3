package fakedropbox.junit;

/** The server cannot be found, started or reached, or refuses what it was asked. The text says why. */
public final class FakeDropboxException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final int status;

    FakeDropboxException(String message) {
        this(0, message);
    }

    FakeDropboxException(int status, String message) {
        super(message);
        this.status = status;
    }

    /** The HTTP status of the server's refusal; 0 if it gave none. */
    public int status() {
        return status;
    }
}
