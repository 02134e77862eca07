using System.Reflection;
using Orleans;
using Orleans.Runtime;
using SnapshotGrains.InProcess.Activations;

namespace SnapshotGrains.InProcess.Calls;

/// <summary>A silo's filters of incoming calls; a grain that is a filter itself comes last.</summary>
internal sealed class IncomingFilters(IEnumerable<IIncomingGrainCallFilter> filters)
{
    private readonly IIncomingGrainCallFilter[] _filters = [.. filters];

    public bool IsEmpty(Activation activation) =>
        _filters.Length == 0 && activation.GrainInstance is not IIncomingGrainCallFilter;

    public async Task<object?> RunAsync(GrainCall call, Activation activation)
    {
        var context = new Context(call, activation, this);
        await context.Invoke();
        return context.Result;
    }

    private sealed class Context(GrainCall call, Activation activation, IncomingFilters owner)
        : CallContext(call), IIncomingGrainCallContext
    {
        public override object Grain => activation.GrainInstance!;

        public IGrainContext TargetContext => activation;

        public MethodInfo ImplementationMethod
        {
            get
            {
                var map = activation.Class.Type.GetInterfaceMap(InterfaceMethod.DeclaringType!);
                return map.TargetMethods[Array.IndexOf(map.InterfaceMethods, InterfaceMethod)];
            }
        }

        protected override bool TryInvokeFilter(int step, out Task filtering)
        {
            var filter = step < owner._filters.Length ? owner._filters[step]
                : step == owner._filters.Length ? activation.GrainInstance as IIncomingGrainCallFilter
                : null;
            filtering = filter?.Invoke(this) ?? Task.CompletedTask;
            return filter is not null;
        }

        protected override async Task<object?> InvokeTargetAsync() => await Call.InvokeForResultAsync(activation);
    }
}
