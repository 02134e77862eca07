using Microsoft.Extensions.DependencyInjection;
using Orleans;
using Orleans.Runtime;
using Orleans.Storage;

namespace SnapshotGrains.InProcess.Activations;

/// <content>Activation and deactivation: operations that run alone, when no work runs.</content>
internal sealed partial class Activation
{
    private readonly Dictionary<string, object>? _activationContext;
    private HashSet<ActivationTimer>? _timers;
    private Func<Task>? _pendingOperation;
    private Task _operation = Task.CompletedTask;
    private bool _operating;
    private CancellationTokenSource? _activating;
    private DeactivationReason _reason;
    private Exception? _activationError;
    private bool _wasValid;
    private CancellationToken _deactivationToken;

    public void Deactivate(DeactivationReason deactivationReason, CancellationToken cancellationToken = default)
    {
        CancellationTokenSource? activating;
        lock (_lock)
        {
            if (_state is ActivationState.Invalid or ActivationState.Deactivating)
            {
                return;
            }

            _reason = deactivationReason;
            _wasValid = _state == ActivationState.Valid;
            _state = ActivationState.Deactivating;
            _deactivationToken = cancellationToken;
            _pendingOperation = DeactivateAsync;
            activating = _activating;
        }

        CancelActivation(activating);
        Scheduler.RequestPump();
    }

    /// <summary>
    /// Ends at once, without another turn on purpose. Whoever waits learns of the error, or, if there is none, is sent
    /// to a new activation.
    /// </summary>
    public void Abandon(Exception? error)
    {
        ActivationWork[] work;
        CancellationTokenSource? activating;
        lock (_lock)
        {
            _state = ActivationState.Invalid;
            _pendingOperation = null;
            activating = _activating;
            work = [.. _running.TakeAll(), .. _waiting.TakeAll()];
        }

        Silo.Remove(this);
        DisposeTimers();
        _deactivated.TrySetResult();
        Dismiss(work, error);
        CancelActivation(activating);
    }

    public void AddTimer(ActivationTimer timer)
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_state == ActivationState.Invalid, this);
            (_timers ??= []).Add(timer);
        }
    }

    public void RemoveTimer(ActivationTimer timer)
    {
        lock (_lock)
        {
            _timers?.Remove(timer);
        }
    }

    private void CancelActivation(CancellationTokenSource? activating)
    {
        try
        {
            activating?.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // The activation has ended meanwhile; there is nothing left to cancel.
        }
        catch (AggregateException exception)
        {
            // Callbacks of the grain's code threw; the others ran, and what follows must happen all the same.
            LogCancellationFailed(Silo.Logger, this, exception);
        }
    }

    private async Task OperateAsync(Func<Task> operation)
    {
        try
        {
            await operation();
        }
        catch (Exception exception)
        {
            LogOperationFailed(Silo.Logger, this, exception);
        }

        lock (_lock)
        {
            _operating = false;
        }

        Scheduler.RequestPump();
    }

    private async Task ActivateAsync()
    {
        using var limit = new CancellationTokenSource(Silo.Collection.ActivationTimeout, Silo.Time);
        try
        {
            lock (_lock)
            {
                if (_state == ActivationState.Invalid)
                {
                    return;
                }

                _activating = limit;
            }

            RequestContext.Data = _activationContext;
            _scope = Silo.Services.CreateAsyncScope();
            _scope.Value.ServiceProvider.GetRequiredService<ActivationScope>().Activation = this;
            GrainInstance = Class.Construct(this);
            await _stages.StartAsync(limit.Token).WaitAsync(limit.Token);
            if (GrainInstance is IGrainBase grain)
            {
                await grain.OnActivateAsync(limit.Token).WaitAsync(limit.Token);
            }

            lock (_lock)
            {
                _activating = null;
                _state = _state == ActivationState.Activating ? ActivationState.Valid : _state;
                _lastUsed = Silo.Time.GetTimestamp();
            }
        }
        catch (Exception exception)
        {
            await FailActivationAsync(exception);
        }
    }

    private async Task FailActivationAsync(Exception exception)
    {
        LogActivationFailed(Silo.Logger, this, exception);
        if (BeginFailure(exception))
        {
            await DeactivateAsync();
        }
        else
        {
            // It was abandoned: nobody else will give back what it has got so far.
            await GuardAsync(DisposeAsync);
        }
    }

    // False: there is no life left to end.
    private bool BeginFailure(Exception exception)
    {
        lock (_lock)
        {
            _activating = null;
            if (_state == ActivationState.Invalid)
            {
                return false;
            }

            // A deactivation asked for meanwhile explains the failure; its callers go to a new activation.
            _activationError = _state == ActivationState.Activating ? exception : null;
            _state = ActivationState.Deactivating;
            _pendingOperation = null;
            _reason = new(DeactivationReasonCode.ActivationFailed, exception, "Failed to activate grain.");
            return true;
        }
    }

    private async Task DeactivateAsync()
    {
        using var limit = new CancellationTokenSource(Silo.Collection.DeactivationTimeout, Silo.Time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, _deactivationToken);
        DisposeTimers();
        if (_wasValid && GrainInstance is IGrainBase grain)
        {
            await GuardAsync(() => grain.OnDeactivateAsync(_reason, both.Token).WaitAsync(both.Token));
        }

        await GuardAsync(() => _stages.StopAsync(both.Token).WaitAsync(both.Token));

        // The directory entry goes first: who finds this activation ended must find no trace of it there.
        Silo.Remove(this);
        ActivationWork[] waiting;
        lock (_lock)
        {
            _state = ActivationState.Invalid;
            waiting = _waiting.TakeAll();
        }

        await GuardAsync(DisposeAsync);
        _deactivated.TrySetResult();
        Dismiss(waiting, _activationError);
    }

    private static void Dismiss(ActivationWork[] work, Exception? error)
    {
        foreach (var item in work)
        {
            if (error is null)
            {
                item.Forward();
            }
            else
            {
                item.Reject(error);
            }
        }
    }

    private async Task DisposeAsync()
    {
        switch (GrainInstance)
        {
            case IAsyncDisposable disposable:
                await disposable.DisposeAsync();
                break;
            case IDisposable disposable:
                disposable.Dispose();
                break;
        }

        if (_scope is { } scope)
        {
            await scope.DisposeAsync();
        }
    }

    private void DisposeTimers()
    {
        HashSet<ActivationTimer>? timers;
        lock (_lock)
        {
            timers = _timers;
            _timers = null;
        }

        foreach (var timer in timers ?? [])
        {
            timer.Dispose();
        }
    }

    private void DeactivateIfInconsistent(Exception? exception)
    {
        if (exception is InconsistentStateException { IsSourceActivation: true } conflict)
        {
            conflict.IsSourceActivation = false;
            Deactivate(new(DeactivationReasonCode.ApplicationError, exception, exception.Message));
        }
    }

    // The end of an activation goes on whatever its grain's code does.
    private async Task GuardAsync(Func<Task> step)
    {
        try
        {
            await step();
        }
        catch (Exception exception)
        {
            LogDeactivationStepFailed(Silo.Logger, this, exception);
        }
    }
}
