using Orleans;
using Orleans.Runtime;

namespace SnapshotGrains.InProcess.Calls;

/// <summary>Runs a sender's filters around a call.</summary>
internal static class OutgoingFilters
{
    /// <summary>Sends a copy of the call within the filters, then answers the call itself.</summary>
    public static async Task RunAsync(GrainCall call, IOutgoingGrainCallFilter[] filters)
    {
        try
        {
            var context = new Context(call, filters);
            await context.Invoke().ConfigureAwait(false);
            call.Complete(Task.FromResult(context.Result), null);
        }
        catch (Exception exception)
        {
            call.Fail(exception);
        }
    }

    private sealed class Context(GrainCall call, IOutgoingGrainCallFilter[] filters)
        : CallContext(call), IOutgoingGrainCallContext
    {
        public override object Grain => Call.Reference;

        public IGrainContext? SourceContext => Call.Source;

        protected override bool TryInvokeFilter(int step, out Task filtering)
        {
            filtering = step < filters.Length ? filters[step].Invoke(this) : Task.CompletedTask;
            return step < filters.Length;
        }

        protected override Task<object?> InvokeTargetAsync()
        {
            var copy = Call.Copy();
            copy.Sender.Dispatch(copy);
            return copy.Completion;
        }
    }
}
