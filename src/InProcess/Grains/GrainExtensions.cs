using Orleans.Runtime;
using SnapshotGrains.InProcess.Activations;
using SnapshotGrains.InProcess.Calls;

namespace Orleans;

/// <summary>Identity and typed references of grains and grain references.</summary>
public static class GrainExtensions
{
    /// <summary>The same grain through another of its interfaces; from a grain instance, a reference to it.</summary>
    public static TGrainInterface AsReference<TGrainInterface>(this IAddressable grain)
    {
        ArgumentNullException.ThrowIfNull(grain);
        return grain switch
        {
            TGrainInterface typed when grain is IGrainProxy => typed,
            IGrainProxy proxy => (TGrainInterface)proxy.Sender.GrainFactory.GetReference(
                typeof(TGrainInterface), proxy.GrainId),
            IGrainBase instance => (TGrainInterface)((Activation)instance.GrainContext).Silo.GrainFactory.GetReference(
                typeof(TGrainInterface), instance.GrainContext.GrainId),
            _ => throw NotAGrain(grain),
        };
    }

    /// <inheritdoc cref="AsReference{TGrainInterface}" />
    public static TGrainInterface Cast<TGrainInterface>(this IAddressable grain) =>
        grain.AsReference<TGrainInterface>();

    /// <summary>The id of a grain or of what a reference points to.</summary>
    public static GrainId GetGrainId(this IAddressable grain) => grain switch
    {
        IGrainProxy proxy => proxy.GrainId,
        IGrainBase instance => instance.GrainContext.GrainId,
        _ => throw NotAGrain(grain),
    };

    /// <summary>The string key.</summary>
    public static string GetPrimaryKeyString(this IAddressable grain) => grain.GetGrainId().Key.ToString();

    /// <summary>The integer key.</summary>
    /// <exception cref="InvalidOperationException">The key is not an integer.</exception>
    public static long GetPrimaryKeyLong(this IAddressable grain)
    {
        var id = grain.GetGrainId();
        return GrainKeys.TryParseLong(id.Key, out var key)
            ? key
            : throw new InvalidOperationException($"Unable to extract integer key from grain id {id}");
    }

    /// <summary>The <see cref="Guid"/> key.</summary>
    /// <exception cref="InvalidOperationException">The key is not a <see cref="Guid"/>.</exception>
    public static Guid GetPrimaryKey(this IAddressable grain)
    {
        var id = grain.GetGrainId();
        return Guid.TryParseExact(id.Key.ToString(), "N", out var key)
            ? key
            : throw new InvalidOperationException($"Unable to extract GUID key from grain id {id}");
    }

    private static ArgumentException NotAGrain(IAddressable grain) =>
        new($"{grain?.GetType().FullName ?? "null"} is neither a grain nor a grain reference.", nameof(grain));
}
