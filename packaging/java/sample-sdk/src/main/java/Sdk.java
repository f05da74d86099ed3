import com.dropbox.core.DbxRequestConfig;
import com.dropbox.core.v2.DbxClientV2;
import com.dropbox.core.v2.files.CommitInfo;
import com.dropbox.core.v2.files.GetMetadataErrorException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.net.HttpURLConnection;
import java.net.URL;
import java.nio.charset.StandardCharsets;

/** What an application does, with nothing that knows of a fake. */
public final class Sdk {
    public static void main(String[] arguments) throws Exception {
        DbxClientV2 client = new DbxClientV2(DbxRequestConfig.newBuilder("app").build(), "java-sdk");
        String link = client.files().getTemporaryUploadLink(CommitInfo.newBuilder("/in/a.txt").build(), 3600).getLink();
        HttpURLConnection upload = (HttpURLConnection) new URL(link).openConnection();
        upload.setRequestMethod("POST");
        upload.setRequestProperty("Content-Type", "application/octet-stream");
        upload.setDoOutput(true);
        try (OutputStream out = upload.getOutputStream()) {
            out.write("hello".getBytes(StandardCharsets.UTF_8));
        }
        System.out.println("link " + upload.getResponseCode());
        byte[] more = "more".getBytes(StandardCharsets.UTF_8);
        client.files().upload("/in/b.txt").uploadAndFinish(new ByteArrayInputStream(more));
        ByteArrayOutputStream back = new ByteArrayOutputStream();
        client.files().download("/in/a.txt").download(back);
        System.out.println("read " + back);
        System.out.println("listed " + client.files().listFolder("/in").getEntries().size());
        try {
            client.files().getMetadata("/nowhere");
        } catch (GetMetadataErrorException error) {
            System.out.println("typed " + error.errorValue.getPathValue().isNotFound());
        }
    }
}
