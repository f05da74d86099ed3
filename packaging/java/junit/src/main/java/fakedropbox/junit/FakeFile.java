package fakedropbox.junit;

import java.nio.charset.StandardCharsets;

/** A place in an account, whether something is there or not. */
public final class FakeFile {
    private final Controls controls;
    private final String path;

    FakeFile(Controls controls, String path) {
        this.controls = controls;
        this.path = path;
    }

    /** Where it is. */
    public String path() {
        return path;
    }

    /** Whether a file or folder is there. */
    public boolean exists() {
        try {
            controls.get("/file", "path", path);
            return true;
        } catch (FakeDropboxException error) {
            if (error.status() == 404) {
                return false;
            }
            throw error;
        }
    }

    /** What is in the file. */
    public byte[] bytes() {
        return controls.raw("GET", "/files/content", null, "path", path);
    }

    /** What is in the file, as UTF-8. */
    public String text() {
        return new String(bytes(), StandardCharsets.UTF_8);
    }

    /** Writes it, over what was there; its folders are made. */
    public void put(byte[] content) {
        controls.raw("PUT", "/files/content", content, "path", path);
    }

    /** Writes it as UTF-8, over what was there. */
    public void put(String content) {
        put(content.getBytes(StandardCharsets.UTF_8));
    }

    /** Deletes it; a folder with everything in it. */
    public void delete() {
        controls.raw("DELETE", "/file", null, "path", path);
    }

    @Override
    public String toString() {
        return path;
    }
}
