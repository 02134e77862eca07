using Orleans.Runtime;

namespace SnapshotGrains.Grains.Disks;

/// <summary>
/// Changes and writes the state of a reentrant grain: all changes that come while one write is under way share the
/// next. A change is made when its write begins and undone when that fails, so nobody builds on what is not in storage.
/// A write that failed may have been made, and only its answer lost: so storage is read then, and until that succeeds
/// nothing is changed. Used from the grain's turns only.
/// </summary>
internal sealed class GroupWrite<TState>(IPersistentState<TState> state)
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

    private async Task WriteAllAsync()
    {
        while (_waiting.Count > 0)
        {
            (var batch, _waiting) = (_waiting, []);
            var undo = new List<Action>();
            try
            {
                await BeSureAsync();
                batch.ForEach(change => change.Apply(undo));
                if (undo.Count > 0)
                {
                    await state.WriteStateAsync();
                }

                batch.ForEach(change => change.Complete());
            }
            catch (Exception error)
            {
                undo.Reverse();
                undo.ForEach(step => step());
                await LookAsync();
                batch.ForEach(change => change.Fail(error));
            }
        }

        _isWriting = false;
    }

    private async Task BeSureAsync()
    {
        if (_isUnsure)
        {
            await state.ReadStateAsync();
            _isUnsure = false;
        }
    }

    /// <summary>What is in storage after all, if that can be known now: the callers will look before they try again.
    /// </summary>
    private async Task LookAsync()
    {
        _isUnsure = true;
        try
        {
            await BeSureAsync();
        }
        catch (Exception)
        {
            // They are told of the failed write; the next change looks again.
        }
    }

    private abstract class Change
    {
        public abstract void Apply(List<Action> undo);

        public abstract void Complete();

        public abstract void Fail(Exception error);
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

        public override void Complete() => _done.TrySetResult(_result);

        public override void Fail(Exception error) => _done.TrySetException(error);
    }
}
