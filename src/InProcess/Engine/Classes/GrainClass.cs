using System.Reflection;
using Microsoft.Extensions.DependencyInjection;
using Orleans;
using Orleans.Concurrency;
using Orleans.Placement;
using Orleans.Runtime;
using SnapshotGrains.InProcess.Activations;
using SnapshotGrains.InProcess.Storage;

namespace SnapshotGrains.InProcess.Classes;

/// <summary>What the engine knows about one grain class, found out once.</summary>
internal sealed class GrainClass
{
    private readonly ObjectFactory _constructor;
    private readonly StateFacet[] _facets;

    public GrainClass(Type type)
    {
        Type = type;
        GrainType = GrainType.Create(type.GetCustomAttribute<GrainTypeAttribute>()?.Name ?? DefaultName(type));
        IsReentrant = type.IsDefined(typeof(ReentrantAttribute));
        Strategy = type.GetCustomAttribute<PlacementAttribute>()?.PlacementStrategy;
        CollectionAge = type.IsDefined(typeof(KeepAliveAttribute))
            ? Timeout.InfiniteTimeSpan
            : type.GetCustomAttribute<CollectionAgeLimitAttribute>()?.AgeLimit;
        _facets = StateFacet.Of(type);
        _constructor = ActivatorUtilities.CreateFactory(type, [.. _facets.Select(facet => facet.ParameterType)]);
    }

    public Type Type { get; }

    public GrainType GrainType { get; }

    public bool IsReentrant { get; }

    /// <summary>Null = the silo's default.</summary>
    public PlacementStrategy? Strategy { get; }

    /// <summary>Null = the silo's default; infinite = never collected.</summary>
    public TimeSpan? CollectionAge { get; }

    /// <summary>Makes the instance, with its persistent states subscribed to the activation's stages.</summary>
    public object Construct(Activation activation)
    {
        var states = _facets.Length == 0 ? [] : Array.ConvertAll(_facets, facet => facet.Create(activation));
        try
        {
            return _constructor(activation.ActivationServices, states);
        }
        catch (Exception exception)
        {
            throw new InvalidOperationException(
                $"Failed to create an instance of grain type '{Type.FullName}'. See InnerException for details.",
                exception);
        }
    }

    // SegmentGrain -> segment, as Orleans names it.
    private static string DefaultName(Type type)
    {
        var name = type.Name.ToLowerInvariant();
        return name.EndsWith("grain", StringComparison.Ordinal) && name.Length > 5 ? name[..^5] : name;
    }
}
