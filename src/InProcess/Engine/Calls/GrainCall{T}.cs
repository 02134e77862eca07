using Orleans.Runtime;
using SnapshotGrains.InProcess.Activations;

namespace SnapshotGrains.InProcess.Calls;

/// <summary>A call with a result.</summary>
internal sealed class GrainCall<T>(in CallDetails details, Func<object?, Task?> toTask, Func<Task<T>, object?> toResult)
    : GrainCall(details)
{
    private readonly TaskCompletionSource<T> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public override bool IsAnswered => _answer.Task.IsCompleted;

    public override object? Result => toResult(_answer.Task);

    public override Task<object?> Completion => AwaitAsync();

    public override async Task<object?> InvokeForResultAsync(Activation activation)
    {
        var task = Invoke(activation) ?? throw new OrleansException($"{Method} returned null instead of a task.");
        await task;
        return task is Task<T> { Result: not NoResult } typed ? typed.Result : null;
    }

    public override void Complete(Task? task, Exception? exception)
    {
        if (exception is not null)
        {
            Fail(exception);
        }
        else if (task is null)
        {
            Fail(new OrleansException($"{Method} returned null instead of a task."));
        }
        else if (task.IsCanceled)
        {
            Sender.Forget(this);
            _answer.TrySetCanceled();
        }
        else
        {
            Sender.Forget(this);
            _answer.TrySetResult(ResultOf(task));
        }
    }

    public override void Fail(Exception exception)
    {
        Sender.Forget(this);
        if (exception is OperationCanceledException cancelled)
        {
            _answer.TrySetCanceled(cancelled.CancellationToken);
        }
        else
        {
            _answer.TrySetException(exception);
        }
    }

    public override void CompleteOneWay() => _answer.TrySetResult(default!);

    protected override bool TryCancel(CancellationToken token)
    {
        Sender.Forget(this);
        return _answer.TrySetCanceled(token);
    }

    protected override Task? ToTask(object? returned) => toTask(returned);

    // A task that went through filters has its result as an object.
    private T ResultOf(Task task) => task switch
    {
        Task<T> typed => Rebind(typed.Result),
        Task<object?> { Result: T value } => Rebind(value),
        _ => default!,
    };

    private async Task<object?> AwaitAsync()
    {
        var result = await _answer.Task.ConfigureAwait(false);
        return result is NoResult ? null : result;
    }

    // A reference in an answer works on behalf of the caller from now on.
    private T Rebind(T result) => result is IGrainProxy proxy && !ReferenceEquals(proxy.Sender, Sender)
        ? (T)GrainProxy.Create(proxy.InterfaceType, proxy.GrainId, Sender)
        : result;
}
