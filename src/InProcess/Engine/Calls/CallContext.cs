using System.Reflection;
using Orleans;
using Orleans.Runtime;

namespace SnapshotGrains.InProcess.Calls;

/// <summary>A call on its way through one filter after the other, and then to its end.</summary>
internal abstract class CallContext(GrainCall call) : IGrainCallContext
{
    private int _next;

    public abstract object Grain { get; }

    public MethodInfo InterfaceMethod => call.Method.Method;

    public string InterfaceName => call.Method.InterfaceType.ToString();

    public GrainInterfaceType InterfaceType => call.Method.InterfaceType;

    public string MethodName => call.Method.Method.Name;

    public object? Result { get; set; }

    public GrainId? SourceId => call.Source?.GrainId;

    public GrainId TargetId => call.Target;

    protected GrainCall Call => call;

    public async Task Invoke()
    {
        var step = _next++;
        if (!TryInvokeFilter(step, out var filtering))
        {
            Result = await InvokeTargetAsync();
        }
        else
        {
            await filtering;
        }
    }

    protected abstract bool TryInvokeFilter(int step, out Task filtering);

    protected abstract Task<object?> InvokeTargetAsync();
}
