using System.Collections.Concurrent;
using System.Reflection;
using Orleans;
using Orleans.Concurrency;
using Orleans.Runtime;
using SnapshotGrains.InProcess.Activations;

namespace SnapshotGrains.InProcess.Calls;

/// <summary>What the engine knows about one method of a grain interface, found out once.</summary>
internal sealed class GrainMethod
{
    private static readonly ConcurrentDictionary<MethodInfo, GrainMethod> Known = new();
    private readonly MethodInvoker _invoker;
    private readonly CallFactory _factory;

    private GrainMethod(MethodInfo method)
    {
        MessageTypes.Check(method);
        Method = method;
        InterfaceType = GrainInterfaceType.Create(method.DeclaringType!.FullName!);
        AlwaysInterleaves = method.IsDefined(typeof(AlwaysInterleaveAttribute));
        IsReadOnly = method.IsDefined(typeof(ReadOnlyAttribute));
        ResponseTimeout = method.GetCustomAttribute<ResponseTimeoutAttribute>()?.Timeout;
        TokenIndex = Array.FindIndex(method.GetParameters(), p => p.ParameterType == typeof(CancellationToken));
        _invoker = MethodInvoker.Create(method);
        _factory = CallFactory.For(method);
        IsOneWay = method.IsDefined(typeof(OneWayAttribute)) || method.ReturnType == typeof(void);
    }

    public MethodInfo Method { get; }

    public GrainInterfaceType InterfaceType { get; }

    public bool AlwaysInterleaves { get; }

    public bool IsReadOnly { get; }

    public bool IsOneWay { get; }

    public TimeSpan? ResponseTimeout { get; }

    /// <summary>Which parameter is the cancellation token; -1 = none.</summary>
    public int TokenIndex { get; }

    public static GrainMethod Of(MethodInfo method) =>
        Known.TryGetValue(method, out var known) ? known : Known.GetOrAdd(method, static m => new(m));

    public GrainCall CreateCall(
        object?[] arguments, GrainId target, Sender sender, Activation? source, object reference) =>
        _factory.Create(new(this, arguments, target, sender, source, reference));

    public object? Invoke(object instance, object?[] arguments)
    {
        try
        {
            return _invoker.Invoke(instance, arguments.AsSpan());
        }
        catch (TargetInvocationException exception) when (exception.InnerException is { } inner)
        {
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(inner);
            throw;
        }
    }

    public override string ToString() => $"{Method.DeclaringType!.Name}.{Method.Name}";
}
