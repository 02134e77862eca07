using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Orleans;

namespace SnapshotGrains;

/// <summary>A data key as it is recorded: wrapped, so that it is of no use without its key-encryption key.</summary>
/// <param name="Ref">Its name and id.</param>
/// <param name="State">Whether it may be used.</param>
/// <param name="KekId">Which key-encryption key wraps it: 16 hexadecimal digits, which tell nothing of it.</param>
/// <param name="Envelope">The AES-256-XTS data key, 64 bytes, wrapped by AES-KWP (RFC 5649).</param>
/// <param name="CreatedAt">When it was made.</param>
/// <param name="WrappedAt">When it was wrapped last.</param>
[Immutable, GenerateSerializer, Alias("snapgrains.KeyInfo")]
public sealed record KeyInfo(
    [property: Id(0)] KeyRef Ref,
    [property: Id(1)] KeyState State,
    [property: Id(2)] string KekId,
    [property: Id(3), JsonConverter(typeof(Base64JsonConverter))] ImmutableArray<byte> Envelope,
    [property: Id(4)] DateTimeOffset CreatedAt,
    [property: Id(5)] DateTimeOffset WrappedAt);
