using System.Net.Http.Headers;

namespace SnapshotGrains.Images;

/// <summary>
/// Which version of an object an answer comes from: its entity tag, or, where a server gives none or a weak one, when
/// it was modified and how long it is (RFC 9110, section 8.8).
/// </summary>
/// <param name="Tag">The strong entity tag; null for none.</param>
/// <param name="ModifiedAt">When the object was modified; null: not said.</param>
/// <param name="LengthBytes">How long the whole object is; null: not said.</param>
internal sealed record ObjectVersion(EntityTagHeaderValue? Tag, DateTimeOffset? ModifiedAt, long? LengthBytes)
{
    /// <summary>What an answer says of its object.</summary>
    public static ObjectVersion Of(HttpResponseMessage answer)
    {
        var tag = answer.Headers.ETag is { IsWeak: false } strong ? strong : null;
        var headers = answer.Content.Headers;
        return new ObjectVersion(tag, headers.LastModified, headers.ContentRange is { } range
            ? range.Length : headers.ContentLength);
    }

    /// <summary>
    /// Whether both may come from the same object. What only one of them knows says nothing: the digests decide.
    /// </summary>
    public bool Agrees(ObjectVersion other) =>
        (LengthBytes is null || other.LengthBytes is null || LengthBytes == other.LengthBytes)
        && (Tag is not null && other.Tag is not null
            ? Tag.Equals(other.Tag)
            : ModifiedAt is null || other.ModifiedAt is null || ModifiedAt == other.ModifiedAt);

    /// <summary>Asks for a range only if the object is still this one, else for all of it.</summary>
    public void Require(HttpRequestMessage request)
    {
        if (Tag is not null)
        {
            request.Headers.IfRange = new RangeConditionHeaderValue(Tag);
        }
    }
}
