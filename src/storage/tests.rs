use super::*;

/// Only what is kept for good is found by its hash.
const NO_HASH: ContentHash = ContentHash::from_digest([0; 32]);

async fn stored(storage: &Arc<Storage>, chunks: &[&'static [u8]]) -> Stored {
    let mut writer = storage.writer();
    for chunk in chunks {
        writer
            .write(Bytes::from_static(chunk))
            .await
            .expect("there is room");
    }
    writer.finish(NO_HASH).await.expect("there is room")
}

async fn all(stored: &Stored) -> Vec<u8> {
    let mut bytes = Vec::new();
    loop {
        let piece = stored
            .read(bytes.len() as u64, 100_000)
            .await
            .expect("kept");
        if piece.is_empty() {
            return bytes;
        }
        bytes.extend_from_slice(&piece);
    }
}

#[tokio::test]
async fn bytes_come_back_from_memory() {
    let storage = Storage::new(StorageConfig::default());
    let stored = stored(&storage, &[b"hello ", b"world"]).await;
    assert_eq!(all(&stored).await, b"hello world");
    assert_eq!(
        (storage.bytes_in_memory(), storage.bytes_on_disk()),
        (11, 0)
    );
    drop(stored);
    assert_eq!(storage.bytes_in_memory(), 0);
}

#[tokio::test]
async fn bytes_over_the_limit_go_to_the_disk_and_come_back() {
    let storage = Storage::new(StorageConfig {
        memory_limit: 1_000_000,
        ..StorageConfig::default()
    });
    let large: &'static [u8] = (0..3_000_001u32)
        .map(|i| (i % 251) as u8)
        .collect::<Vec<_>>()
        .leak();
    let mut writer = storage.writer();
    for chunk in large.chunks(70_001) {
        writer
            .write(Bytes::from_static(chunk))
            .await
            .expect("there is room");
    }
    let stored = writer.finish(NO_HASH).await.expect("there is room");
    assert_eq!(all(&stored).await, large);
    assert_eq!(storage.bytes_in_memory(), 0);
    assert!(storage.bytes_on_disk() >= 3_000_001);
    assert_eq!(
        &stored.read(1_000_000, 5).await.expect("kept")[..],
        &large[1_000_000..1_000_005]
    );
    drop(stored);
    assert_eq!(storage.bytes_on_disk(), 0);
}

#[test]
fn an_upload_that_breaks_off_leaves_nothing() {
    let storage = Storage::new(StorageConfig {
        memory_limit: 0,
        ..StorageConfig::default()
    });
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(async {
        let mut writer = storage.writer();
        for _ in 0..3 {
            let bytes = Bytes::from(vec![1; 2 << 20]);
            writer.write(bytes).await.expect("there is room");
        }
        // The last bytes are on their way while the first ones are there.
        assert!(storage.bytes_on_disk() > 0);
        drop(writer);
    });
    // Ends once everything has ended that was begun on it.
    drop(runtime);
    assert_eq!(storage.bytes_on_disk(), 0);
}

#[tokio::test]
async fn content_that_is_not_kept_is_counted_and_cannot_be_read() {
    let storage = Storage::new(StorageConfig {
        keep: false,
        ..StorageConfig::default()
    });
    let stored = stored(&storage, &[b"hello"]).await;
    assert_eq!(stored.size(), 5);
    assert!(matches!(stored.read(0, 5).await, Err(ReadError::NotKept)));
}

#[tokio::test]
async fn a_directory_that_is_not_there_is_an_error_and_leaves_nothing() {
    let directory = Some(PathBuf::from("/this/is/not/there"));
    let storage = Storage::new(StorageConfig {
        memory_limit: 0,
        directory,
        ..StorageConfig::default()
    });
    let mut writer = storage.writer();
    // The first bytes are on their way to the disk; the next ones learn how that went.
    let bytes = Bytes::from(vec![1; 2 << 20]);
    writer.write(bytes.clone()).await.expect("nobody knows yet");
    assert!(writer.write(bytes).await.is_err());
    drop(writer);
    assert_eq!(storage.bytes_on_disk(), 0);
    let mut writer = storage.writer();
    writer
        .write(Bytes::from_static(b"a few"))
        .await
        .expect("nobody knows yet");
    assert!(writer.finish(NO_HASH).await.is_err());
    assert_eq!(storage.bytes_on_disk(), 0);
}

#[tokio::test]
async fn tiny_pieces_rest_together_in_their_order() {
    let storage = Storage::new(StorageConfig::default());
    let mut writer = storage.writer();
    let mut wanted = Vec::new();
    for at in 0..200_000_u32 {
        // Now and then a large piece comes between them.
        let length = if at % 70_000 == 69_999 { 10_000 } else { 1 };
        let piece = vec![u8::try_from(at % 251).expect("it is below 251"); length];
        wanted.extend_from_slice(&piece);
        writer.write(piece.into()).await.expect("there is room");
    }
    let stored = writer.finish(NO_HASH).await.expect("there is room");
    let Place::Memory { chunks, .. } = &stored.place else {
        panic!("it fits into memory");
    };
    assert!(chunks.len() < 10, "{} pieces", chunks.len());
    assert!(all(&stored).await == wanted);
    assert_eq!(storage.bytes_in_memory(), wanted.len() as u64);
    drop(stored);
    assert_eq!(storage.bytes_in_memory(), 0);
}

#[tokio::test]
async fn tiny_pieces_go_to_the_disk_in_their_order() {
    let storage = Storage::new(StorageConfig {
        memory_limit: 3,
        ..StorageConfig::default()
    });
    let stored = stored(&storage, &[b"a", b"b", b"c", b"d", b"ef"]).await;
    assert_eq!(all(&stored).await, b"abcdef");
    assert_eq!(storage.bytes_in_memory(), 0);
}

#[test]
fn the_disk_gets_back_what_is_free_at_the_end_of_the_file() {
    let storage = Storage::new(StorageConfig {
        memory_limit: 0,
        ..StorageConfig::default()
    });
    // One thread for what blocks: it does one thing after the other.
    let runtime = tokio::runtime::Builder::new_current_thread()
        .max_blocking_threads(1)
        .build()
        .expect("a runtime");
    let large: &'static [u8] = vec![7; 3 << 20].leak();
    let (first, second) = (
        runtime.block_on(stored(&storage, &[large])),
        runtime.block_on(stored(&storage, &[large])),
    );
    assert_eq!(storage.spill.length(), 6 << 20);
    // A gap stays, and is used again.
    drop(first);
    assert_eq!(storage.spill.length(), 6 << 20);
    let third = runtime.block_on(stored(&storage, &[large]));
    assert_eq!(storage.spill.length(), 6 << 20);
    drop(second);
    assert_eq!(storage.spill.length(), 3 << 20);
    assert_eq!(runtime.block_on(all(&third)), large);
    drop(third);
    assert_eq!(storage.spill.length(), 0);
    let last = runtime.block_on(stored(&storage, &[large]));
    assert_eq!(runtime.block_on(all(&last)), large);
    // Where a runtime is, beside: whoever drops a file does not wait.
    runtime.block_on(async {
        drop(stored(&storage, &[large]).await);
        tokio::task::spawn_blocking(|| ()).await.expect("its turn");
    });
    assert_eq!(storage.spill.length(), 3 << 20);
    drop(last);
    assert_eq!(storage.spill.length(), 0);
}

#[tokio::test]
async fn many_uploads_on_their_way_to_the_disk_hold_little_each_and_a_lone_one_more() {
    let storage = Storage::new(StorageConfig {
        memory_limit: 0,
        ..StorageConfig::default()
    });
    let piece = Bytes::from(vec![7; 64 << 10]);
    let mut writers: Vec<Writer> = Vec::new();
    for _ in 0..300 {
        let mut writer = storage.writer();
        for _ in 0..20 {
            writer.write(piece.clone()).await.expect("there is room");
        }
        writers.push(writer);
    }
    let mut held = 0;
    for writer in &mut writers {
        // The first came while there were few.
        writer.write(piece.clone()).await.expect("there is room");
        held += writer.gathered();
    }
    assert!(held <= 300 * (64 << 10), "{held} bytes are gathered");
    let mut last = writers.pop().expect("there are many");
    drop(writers);
    assert_eq!(storage.to_disk.load(Ordering::Relaxed), 1);
    for _ in 0..20 {
        last.write(piece.clone()).await.expect("there is room");
    }
    assert!(last.gathered() > 64 << 10, "a lone one gathers more");
    let stored = last.finish(NO_HASH).await.expect("there is room");
    assert_eq!(stored.size, 41 * (64 << 10));
    assert_eq!(storage.to_disk.load(Ordering::Relaxed), 0);
    assert_eq!(storage.turns.available_permits(), WRITERS);
}
