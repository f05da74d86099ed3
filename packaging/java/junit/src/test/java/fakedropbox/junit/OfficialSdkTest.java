package fakedropbox.junit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.dropbox.core.RetryException;
import com.dropbox.core.v2.DbxClientV2;
import com.dropbox.core.v2.common.PathRoot;
import com.dropbox.core.v2.files.CommitInfo;
import com.dropbox.core.v2.files.GetMetadataErrorException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.Test;

@FakeDropboxTest
class OfficialSdkTest {
    @Test
    void itIsLedByPlainHttp(FakeDropbox dropbox) throws Exception {
        DbxClientV2 client = new DbxClientV2(dropbox.requestConfig("app"), dropbox.token());
        client.files().upload("/b.txt").uploadAndFinish(new ByteArrayInputStream("more".getBytes(StandardCharsets.UTF_8)));
        ByteArrayOutputStream back = new ByteArrayOutputStream();
        client.files().download("/b.txt").download(back);
        assertEquals("more", back.toString(StandardCharsets.UTF_8));
        GetMetadataErrorException nowhere =
                assertThrows(GetMetadataErrorException.class, () -> client.files().getMetadata("/nowhere"));
        assertTrue(nowhere.errorValue.getPathValue().isNotFound());
        String link = client.files().getTemporaryUploadLink(CommitInfo.newBuilder("/in/a.txt").build(), 3600).getLink();
        assertEquals(200, Dropboxes.put(dropbox, link, "hello"));
    }

    @Test
    void whatGoesWrongIsTyped(FakeDropbox dropbox) throws Exception {
        DbxClientV2 client = new DbxClientV2(dropbox.requestConfig("app"), dropbox.token());
        dropbox.fail(Fault.of("files/list_folder").tooManyRequests(Duration.ofSeconds(7)));
        RetryException limited = assertThrows(RetryException.class, () -> client.files().listFolder(""));
        assertEquals(7000, limited.getBackoffMillis());
    }

    @Test
    void thePathRootArrives(FakeDropbox dropbox) throws Exception {
        new DbxClientV2(dropbox.requestConfig("app"), dropbox.token()).withPathRoot(PathRoot.HOME).files().listFolder("");
        assertTrue(dropbox.requests().get(0).json().toLowerCase().contains("dropbox-api-path-root"));
    }
}
