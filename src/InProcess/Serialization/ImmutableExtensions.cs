namespace Orleans.Concurrency;

/// <summary>Makes <see cref="Immutable{T}"/>.</summary>
public static class ImmutableExtensions
{
    /// <summary>Wraps a value that will not be changed any more.</summary>
    public static Immutable<T> AsImmutable<T>(this T value) => new(value);
}
