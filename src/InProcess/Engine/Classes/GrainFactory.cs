using Orleans;
using Orleans.Runtime;
using SnapshotGrains.InProcess.Calls;

namespace SnapshotGrains.InProcess.Classes;

/// <inheritdoc cref="IGrainFactory" />
internal sealed class GrainFactory(Sender sender) : IClusterClient
{
    public IServiceProvider ServiceProvider => sender.Services;

    public TGrainInterface GetGrain<TGrainInterface>(string primaryKey, string? grainClassNamePrefix = null)
        where TGrainInterface : IGrainWithStringKey =>
        Reference<TGrainInterface>(GrainKeys.FromString(primaryKey), grainClassNamePrefix);

    public TGrainInterface GetGrain<TGrainInterface>(long primaryKey, string? grainClassNamePrefix = null)
        where TGrainInterface : IGrainWithIntegerKey =>
        Reference<TGrainInterface>(GrainKeys.FromLong(primaryKey), grainClassNamePrefix);

    public TGrainInterface GetGrain<TGrainInterface>(Guid primaryKey, string? grainClassNamePrefix = null)
        where TGrainInterface : IGrainWithGuidKey =>
        Reference<TGrainInterface>(GrainKeys.FromGuid(primaryKey), grainClassNamePrefix);

    public IGrainProxy GetReference(Type interfaceType, GrainId grainId) =>
        GrainProxy.Create(interfaceType, grainId, sender);

    private TGrainInterface Reference<TGrainInterface>(IdSpan key, string? prefix)
    {
        var type = GrainClasses.Find(typeof(TGrainInterface), prefix).GrainType;
        return (TGrainInterface)GrainProxy.Create(typeof(TGrainInterface), new(type, key), sender);
    }
}
