//! The content hash: what a link returns, and that the metadata says the same, at every edge.

use bytes::Bytes;

use crate::cases::case::Case;
use crate::failure::Verdict;
use crate::http::{Body, Pattern};
use crate::talk::commit_info::commit_info;
use crate::talk::content_hash::{BLOCK, content_hash, content_hash_of, sha256, sha256_of};
use crate::talk::context::Context;

const BLOCK_SIZE: u64 = 4 << 20;

pub const CASES: &[Case] = &[
    SHORT_TEXTS,
    NO_BYTES,
    VECTORS_ONE_AND_TWO_BYTES,
    VECTORS_ZEROS_AROUND_ONE_BLOCK,
    VECTORS_COUNTING_AROUND_ONE_BLOCK,
    VECTORS_BELOW_TWO_BLOCKS,
    VECTORS_TWO_BLOCKS,
    VECTORS_ABOVE_TWO_BLOCKS,
    VECTORS_TEN_MIB_AND_THREE_BYTES_OF_ZEROS,
    VECTORS_TEN_MIB_AND_THREE_BYTES_COUNTING,
    ACROSS_A_BLOCK_EDGE,
    THE_SAME_BY_BOTH_WAYS,
    PROBE_RETURNED_HASH,
];

/// A body and the hash that was published for it.
struct Vector(Pattern, u64, &'static str);

const ONE_AND_TWO_BYTES: &[Vector] = &[
    Vector(
        Pattern::Zeros,
        1,
        "1406e05881e299367766d313e26c05564ec91bf721d31726bd6e46e60689539a",
    ),
    Vector(
        Pattern::Zeros,
        2,
        "407feb4a4b8303baf4f84e29a209e0dcfd62e81f88c8edb7675c5a95d90e5c90",
    ),
    Vector(
        Pattern::Mod251,
        2,
        "18401e66c2123497a0f993364d894bcebeaba670090c6e3047c1947c596ef395",
    ),
];

const ZEROS_AROUND_ONE_BLOCK: &[Vector] = &[
    Vector(
        Pattern::Zeros,
        BLOCK_SIZE - 1,
        "839e2d868a885f260431d186466f0f3c189ee0eee5cc444b54e717740ad7f1c3",
    ),
    Vector(
        Pattern::Zeros,
        BLOCK_SIZE,
        "c7e946d101855255d919ef0c70718633adf77d3dfb3adeeecf5d0cb4e951be58",
    ),
    Vector(
        Pattern::Zeros,
        BLOCK_SIZE + 1,
        "14a4d47f23a30177885d9820122f17d2d3a55fe63f7f5c27b95f689e0b2accd6",
    ),
];

const COUNTING_AROUND_ONE_BLOCK: &[Vector] = &[
    Vector(
        Pattern::Mod251,
        BLOCK_SIZE - 1,
        "e1d05b9adf4293b7fec11b099ce74116fc06dfa733a9833be9166ab4c769da43",
    ),
    Vector(
        Pattern::Mod251,
        BLOCK_SIZE,
        "b9654428408015906b44a00935b70af33830aa344b780b0eabd535a133150d04",
    ),
    Vector(
        Pattern::Mod251,
        BLOCK_SIZE + 1,
        "4a6cc0a344febaa07772e7c974834b2fb1d24594d4ba15f27c97a54699709f44",
    ),
];

const BELOW_TWO_BLOCKS: &[Vector] = &[
    Vector(
        Pattern::Zeros,
        2 * BLOCK_SIZE - 1,
        "fb9eb4f6e396d3098a09a6557fa5e834e7a199d9629362b36a651c9a7611f35e",
    ),
    Vector(
        Pattern::Mod251,
        2 * BLOCK_SIZE - 1,
        "dc2a3b163e6f9b7ad135c5876c7dce26ba594580614c2ca929bd4b3e9aef36e7",
    ),
];

const TWO_BLOCKS: &[Vector] = &[
    Vector(
        Pattern::Zeros,
        2 * BLOCK_SIZE,
        "03ae066c707c588592d9e27aa2444ca98423e0999024f1ceaa11a153790b37de",
    ),
    Vector(
        Pattern::Mod251,
        2 * BLOCK_SIZE,
        "b76a633d9733b991a976dba723df6940bfaf789390a929fe8f68fd1b4705c8c1",
    ),
];

const ABOVE_TWO_BLOCKS: &[Vector] = &[
    Vector(
        Pattern::Zeros,
        2 * BLOCK_SIZE + 1,
        "0abd0f48fe25004ce9ca2e45df928ba9b1052f20666d7dde21ecdbeb7aa96482",
    ),
    Vector(
        Pattern::Mod251,
        2 * BLOCK_SIZE + 1,
        "c84ee1d6377d71687c1cfe37be0897c4e351df175ea677ca2c918736a9cfb476",
    ),
];

const TEN_MIB_AND_THREE_BYTES_OF_ZEROS: &[Vector] = &[Vector(
    Pattern::Zeros,
    10_485_763,
    "0eae9b0e50b7a8582f74f3e02f6464ef7a8dda51892a2de4815398ac5e362961",
)];

const TEN_MIB_AND_THREE_BYTES_COUNTING: &[Vector] = &[Vector(
    Pattern::Mod251,
    10_485_763,
    "fa87ef9396c0fe87d70c25048a98b3c79aab4b00501b2a9fce7586342595b02a",
)];

const VECTORS_ONE_AND_TWO_BYTES: Case = Case::required("hash/vectors/one-and-two-bytes")
    .rules(&["UL-170", "UL-171", "UL-174"])
    .claim("One and two bytes hash to the SHA-256 of the SHA-256.")
    .calls(9)
    .run(|t| Box::pin(vectors(t, ONE_AND_TWO_BYTES)));

const VECTORS_ZEROS_AROUND_ONE_BLOCK: Case = Case::required("hash/vectors/zeros-around-one-block")
    .rules(&["UL-170", "UL-171", "UL-174"])
    .claim("Zeros of one byte less than a block, one block, and one byte more.")
    .calls(9)
    .sending(3 * BLOCK_SIZE)
    .run(|t| Box::pin(vectors(t, ZEROS_AROUND_ONE_BLOCK)));

const VECTORS_COUNTING_AROUND_ONE_BLOCK: Case =
    Case::required("hash/vectors/counting-around-one-block")
        .rules(&["UL-170", "UL-171", "UL-174"])
        .claim("Counting bytes of one byte less than a block, one block, and one byte more.")
        .calls(9)
        .sending(3 * BLOCK_SIZE)
        .run(|t| Box::pin(vectors(t, COUNTING_AROUND_ONE_BLOCK)));

const VECTORS_BELOW_TWO_BLOCKS: Case = Case::required("hash/vectors/below-two-blocks")
    .rules(&["UL-170", "UL-174"])
    .claim("One byte less than two blocks.")
    .calls(6)
    .sending(4 * BLOCK_SIZE)
    .run(|t| Box::pin(vectors(t, BELOW_TWO_BLOCKS)));

const VECTORS_TWO_BLOCKS: Case = Case::required("hash/vectors/two-blocks")
    .rules(&["UL-170", "UL-174"])
    .claim("Exactly two blocks.")
    .calls(6)
    .sending(4 * BLOCK_SIZE)
    .run(|t| Box::pin(vectors(t, TWO_BLOCKS)));

const VECTORS_ABOVE_TWO_BLOCKS: Case = Case::required("hash/vectors/above-two-blocks")
    .rules(&["UL-170", "UL-174"])
    .claim("One byte more than two blocks.")
    .calls(6)
    .sending(4 * BLOCK_SIZE)
    .sending(16)
    .run(|t| Box::pin(vectors(t, ABOVE_TWO_BLOCKS)));

const VECTORS_TEN_MIB_AND_THREE_BYTES_OF_ZEROS: Case =
    Case::required("hash/vectors/ten-mib-and-three-bytes-of-zeros")
        .rules(&["UL-170", "UL-174"])
        .claim("Two blocks of zeros and a shorter third one.")
        .calls(3)
        .sending(10_485_763)
        .run(|t| Box::pin(vectors(t, TEN_MIB_AND_THREE_BYTES_OF_ZEROS)));

const VECTORS_TEN_MIB_AND_THREE_BYTES_COUNTING: Case =
    Case::required("hash/vectors/ten-mib-and-three-bytes-counting")
        .rules(&["UL-170", "UL-174"])
        .claim("Two blocks of counting bytes and a shorter third one.")
        .calls(3)
        .sending(10_485_763)
        .run(|t| Box::pin(vectors(t, TEN_MIB_AND_THREE_BYTES_COUNTING)));

async fn vectors(t: &Context, vectors: &[Vector]) -> Verdict {
    for (number, Vector(pattern, size, hash)) in vectors.iter().enumerate() {
        let path = format!("/{number}.bin");
        let link = t.mint(commit_info(&path)).await?;
        t.consume(&link, Body::Generated(*pattern, *size))
            .await?
            .expect_status(200)?
            .by(&["UL-170"])
            .expect_returned_hash(hash, || sha256_of(*pattern, *size))?;
        let file = t.file(&path).await?;
        if file.size() != *size || file.content_hash() != *hash {
            return Err(t.fail(&format!(
                "the metadata says {} bytes with the hash {}; {size} with {hash} were sent",
                file.size(),
                file.content_hash()
            )));
        }
    }
    Ok(())
}

const SHORT_TEXTS: Case = Case::required("hash/vectors/short-texts")
    .rules(&["UL-105", "UL-170", "UL-171", "UL-175", "API-203"])
    .claim("The published hashes of short texts come back, and the metadata has them.")
    .calls(12)
    .run(|t| Box::pin(short_texts(t)));

async fn short_texts(t: &Context) -> Verdict {
    for (path, text, hash) in [
        (
            "/1.txt",
            "a",
            "bf5d3affb73efd2ec6c36ad3112dd933efed63c4e1cbffcfa88e2759c144f2d8",
        ),
        (
            "/2.txt",
            "hello",
            "9595c9df90075148eb06860365df33584b75bff782a510c6cd4883a419833d50",
        ),
        (
            "/3.txt",
            "hello world",
            "bc62d4b80d9e36da29c16c5d4d9f11731f36052c72401a76c23c0fb5a9b74423",
        ),
        (
            "/4.txt",
            "hello world\n",
            "f83e4b6bba3efac41f1ff56ee97adf7454680fee778924cb5ba06311d136ad1c",
        ),
    ] {
        let link = t.mint(commit_info(path)).await?;
        t.consume(&link, text.as_bytes())
            .await?
            .expect_status(200)?
            .by(&["UL-105", "UL-175"])
            .expect_returned_hash(hash, || sha256(text.as_bytes()))?;
        let file = t.file(path).await?;
        if file.content_hash() != hash {
            return Err(t.fail(&format!(
                "the metadata of {path} has the hash {}",
                file.content_hash()
            )));
        }
    }
    Ok(())
}

const NO_BYTES: Case = Case::required("hash/vectors/no-bytes")
    .rules(&["UL-171", "UL-174", "API-13", "API-203"])
    .claim("The empty file has no block: its hash is the SHA-256 of nothing.")
    .calls(1)
    .run(|t| Box::pin(no_bytes(t)));

/// By `files/upload`, which is known to take empty bodies; whether a link does is OQ-06.
async fn no_bytes(t: &Context) -> Verdict {
    t.upload(commit_info("/empty.bin"), b"")
        .await?
        .expect_status(200)?
        .expect_at("/size", 0)?
        .by(&["API-203"])
        .expect_at(
            "/content_hash",
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        )?;
    Ok(())
}

const ACROSS_A_BLOCK_EDGE: Case = Case::observed("hash/chunks/across-a-block-edge")
    .rules(&["UL-127", "UL-170", "UL-174"])
    .claim("Where the chunks of a body begin and end has no part in its hash.")
    .calls(9)
    .sending(13 * 1_048_576)
    .run(|t| Box::pin(across_a_block_edge(t)));

async fn across_a_block_edge(t: &Context) -> Verdict {
    const SIZE: u64 = BLOCK_SIZE + 1;
    const HASH: &str = "4a6cc0a344febaa07772e7c974834b2fb1d24594d4ba15f27c97a54699709f44";
    let bytes = Bytes::from(Pattern::Mod251.slice(0, BLOCK + 1));
    for (number, cuts) in [
        &[BLOCK][..],
        &[1, BLOCK - 1, BLOCK],
        &[65_536, 65_537, 1 << 20, 3 << 20, BLOCK - 7],
    ]
    .into_iter()
    .enumerate()
    {
        let mut chunks = Vec::new();
        let mut from = 0;
        for to in cuts.iter().copied().chain([bytes.len()]) {
            chunks.push(bytes.slice(from..to));
            from = to;
        }
        let path = format!("/{number}.bin");
        let link = t.mint(commit_info(&path)).await?;
        t.consume(&link, Body::Chunks(chunks))
            .await?
            .expect_status(200)?
            .expect_returned_hash(HASH, || sha256(&bytes))?;
        let file = t.file(&path).await?;
        if file.size() != SIZE || file.content_hash() != HASH {
            return Err(t.fail(&format!("{} bytes are stored, not {SIZE}", file.size())));
        }
    }
    Ok(())
}

const THE_SAME_BY_BOTH_WAYS: Case = Case::required("hash/upload/the-same-by-both-ways")
    .rules(&["UL-105", "UL-170", "API-203"])
    .claim("files/upload and a link give the same bytes the same hash.")
    .calls(5)
    .sending(4 * BLOCK_SIZE)
    .run(|t| Box::pin(the_same_by_both_ways(t)));

async fn the_same_by_both_ways(t: &Context) -> Verdict {
    let size = BLOCK_SIZE + 12_345;
    let body = || Body::Generated(Pattern::Mod251, size);
    let hash = content_hash_of(Pattern::Mod251, size);
    t.upload(commit_info("/by-upload.bin"), body())
        .await?
        .expect_status(200)?
        .expect_at("/content_hash", hash.clone())?;
    let link = t.mint(commit_info("/by-link.bin")).await?;
    t.consume(&link, body())
        .await?
        .expect_status(200)?
        .by(&["UL-105"])
        .expect_returned_hash(&hash, || sha256_of(Pattern::Mod251, size))?;
    let stored = t.file("/by-link.bin").await?;
    if t.file("/by-upload.bin").await?.content_hash() != hash || stored.content_hash() != hash {
        return Err(t.fail("the metadata of the two files have not the hash of their bytes"));
    }
    Ok(())
}

const PROBE_RETURNED_HASH: Case = Case::probe("hash/link/probe-returned-hash")
    .rules(&["OQ-19", "UL-105", "UL-173"])
    .claim("Which hash a link returns.")
    .calls(6)
    .sending(BLOCK_SIZE)
    .sending(1)
    .run(|t| Box::pin(probe_returned_hash(t)));

async fn probe_returned_hash(t: &Context) -> Verdict {
    let mut kinds = Vec::new();
    for (path, bytes) in [
        ("/small.bin", b"hello".to_vec()),
        ("/two-blocks.bin", Pattern::Mod251.slice(0, BLOCK + 1)),
    ] {
        let link = t.mint(commit_info(path)).await?;
        let content = content_hash(&bytes);
        let plain = sha256(&bytes);
        let returned = t
            .consume(&link, bytes)
            .await?
            .expect_status(200)?
            .string_at("/content-hash")?;
        let stored = t.file(path).await?.content_hash().to_owned();
        if stored != content {
            return Err(t.fail("the metadata has another hash than the bytes"));
        }
        kinds.push(if returned == content {
            "content_hash"
        } else if returned == plain {
            "sha256"
        } else {
            "another"
        });
    }
    if kinds == ["content_hash"; 2] {
        t.confirms(&["UL-173"]);
    } else {
        t.contradicts(&["UL-105", "UL-173"]);
    }
    kinds.dedup();
    t.observe("OQ-19", kinds.join(", "));
    Ok(())
}
