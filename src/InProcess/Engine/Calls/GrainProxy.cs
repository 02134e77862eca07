using System.Reflection;
using Orleans.Runtime;
using SnapshotGrains.InProcess.Activations;

namespace SnapshotGrains.InProcess.Calls;

/// <summary>A grain reference: turns a call of an interface method into a <see cref="GrainCall"/>.</summary>
internal class GrainProxy : DispatchProxy, IGrainProxy
{
    private Sender? _sender;

    public GrainId GrainId { get; private set; }

    public Type InterfaceType { get; private set; } = typeof(IAddressable);

    public Sender Sender => _sender!;

    public static IGrainProxy Create(Type interfaceType, GrainId grainId, Sender sender)
    {
        var proxy = (GrainProxy)Create(interfaceType, typeof(GrainProxy));
        proxy._sender = sender;
        proxy.GrainId = grainId;
        proxy.InterfaceType = interfaceType;
        return proxy;
    }

    public override bool Equals(object? obj) => obj is IGrainProxy other && other.GrainId == GrainId;

    public override int GetHashCode() => GrainId.GetHashCode();

    public override string ToString() => $"GrainReference:{GrainId}:{InterfaceType.Name}";

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        // A reference that came with a call works on behalf of the silo that it is used in, not of where it was made.
        var source = Activation.Current;
        var sender = source?.Silo ?? _sender!;
        var call = GrainMethod.Of(targetMethod!).CreateCall(args ?? [], GrainId, sender, source, this);
        sender.Send(call);
        return call.Result;
    }
}
