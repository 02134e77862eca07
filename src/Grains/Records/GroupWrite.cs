using Orleans.Runtime;

namespace SnapshotGrains.Grains.Records;

/// <summary>
/// Changes and writes the state of a reentrant grain: all changes that come while one write is under way share the
/// next. A change is made when its write begins and undone when that fails, so nobody builds on what is not in storage.
/// A write that seems to have failed may have been made, and only its answer lost: storage is read then, and the stamp
/// tells. Until it can be read nothing is changed or read here. Used from the grain's turns only.
/// </summary>
internal sealed class GroupWrite<TState>(IPersistentState<TState> state)
    where TState : StampedState
{
    private List<Change> _waiting = [];
    private bool _isWriting;
    private bool _isUnsure;

    /// <summary>
    /// Runs <paramref name="change"/> in its turn and completes with its result when that is in storage. The change
    /// adds to the list it is given how to undo each thing that it does; if it adds nothing, nothing is written for it.
    /// It may refuse by throwing, before it has changed anything.
    /// </summary>
    public Task<T> RunAsync<T>(Func<List<Action>, T> change)
    {
        var waiting = new Change<T>(change);
        _waiting.Add(waiting);
        if (!_isWriting)
        {
            _isWriting = true;
            _ = WriteAllAsync(); // cannot fail: each error goes to the callers that wait for their change
        }

        return waiting.Result;
    }

    /// <summary>What <paramref name="read"/> finds in the state, once that is known to be what storage has.</summary>
    public Task<T> ReadAsync<T>(Func<T> read) => _isUnsure ? RunAsync(_ => read()) : Task.FromResult(read());

    private async Task WriteAllAsync()
    {
        while (_waiting.Count > 0)
        {
            (var batch, _waiting) = (_waiting, []);
            var error = await WriteAsync(batch);
            batch.ForEach(change => change.End(error));
        }

        _isWriting = false;
    }

    /// <summary>Null when all of it is in storage.</summary>
    private async Task<Exception?> WriteAsync(List<Change> batch)
    {
        var undo = new List<Action>();
        var stamp = Guid.NewGuid();
        try
        {
            await ReadIfUnsureAsync();
            batch.ForEach(change => change.Apply(undo));
            if (undo.Count > 0)
            {
                state.State.Stamp = stamp;
                await state.WriteStateAsync();
            }

            return null;
        }
        catch (Exception error)
        {
            undo.Reverse();
            undo.ForEach(step => step());
            return await IsWrittenAsync(stamp) ? null : error;
        }
    }

    /// <summary>Whether a write was made that seems to have failed.</summary>
    private async Task<bool> IsWrittenAsync(Guid stamp)
    {
        if (_isUnsure)
        {
            return false; // it was not begun: what failed is the reading
        }

        _isUnsure = true;
        try
        {
            await ReadIfUnsureAsync();
            return state.State.Stamp == stamp;
        }
        catch (Exception)
        {
            return false; // as far as is known; the next one to come reads again
        }
    }

    private async Task ReadIfUnsureAsync()
    {
        if (_isUnsure)
        {
            await state.ReadStateAsync();
            _isUnsure = false;
        }
    }

    private abstract class Change
    {
        public abstract void Apply(List<Action> undo);

        /// <summary>Tells the caller: of success, if there is no error.</summary>
        public abstract void End(Exception? error);
    }

    private sealed class Change<T>(Func<List<Action>, T> change) : Change
    {
        private readonly TaskCompletionSource<T> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private T _result = default!;

        public Task<T> Result => _done.Task;

        public override void Apply(List<Action> undo)
        {
            try
            {
                _result = change(undo);
            }
            catch (Exception refusal)
            {
                _done.SetException(refusal);
            }
        }

        public override void End(Exception? error) =>
            _ = error is null ? _done.TrySetResult(_result) : _done.TrySetException(error);
    }
}
