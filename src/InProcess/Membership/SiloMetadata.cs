using System.Collections.Immutable;

namespace Orleans.Runtime.MembershipService.SiloMetadata;

/// <summary>What a silo tells the cluster about itself.</summary>
[GenerateSerializer]
[Alias("Orleans.Runtime.MembershipService.SiloMetadata.SiloMetadata")]
public record SiloMetadata
{
    /// <summary>No metadata.</summary>
    public static SiloMetadata Empty { get; } = new();

    /// <summary>Names and values.</summary>
    [Id(0)]
    public ImmutableDictionary<string, string> Metadata { get; private set; } =
        ImmutableDictionary<string, string>.Empty;

    internal void Add(IEnumerable<KeyValuePair<string, string>> metadata) => Metadata = Metadata.SetItems(metadata);
}
