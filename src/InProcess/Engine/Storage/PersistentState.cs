using Microsoft.Extensions.DependencyInjection;
using Orleans;
using Orleans.Providers;
using Orleans.Runtime;
using Orleans.Storage;
using SnapshotGrains.InProcess.Activations;

namespace SnapshotGrains.InProcess.Storage;

/// <inheritdoc />
internal sealed class PersistentState<TState> : IPersistentState<TState>, ILifecycleObserver
{
    private readonly Activation _activation;
    private readonly string _name;
    private readonly IGrainStorage _store;
    private readonly GrainState<TState> _state = new(Create());

    public PersistentState(Activation activation, PersistentStateAttribute attribute)
    {
        _activation = activation;
        _name = attribute.StateName;
        var store = attribute.StorageName ?? ProviderConstants.DEFAULT_STORAGE_PROVIDER_NAME;
        _store = activation.Silo.Services.GetKeyedService<IGrainStorage>(store)
            ?? throw new OrleansConfigurationException(
                $"No storage provider named \"{store}\" found loading grain type {activation.Class.Type.FullName}.");
    }

    public TState State
    {
        get => _state.State!;
        set => _state.State = value;
    }

    public string? Etag => _state.ETag;

    public bool RecordExists => _state.RecordExists;

    public Task OnStart(CancellationToken cancellationToken) => ReadStateAsync();

    public Task OnStop(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task ReadStateAsync() =>
        RunAsync(nameof(ReadStateAsync), () => _store.ReadStateAsync(_name, _activation.GrainId, _state));

    public Task WriteStateAsync() =>
        RunAsync(nameof(WriteStateAsync), () => _store.WriteStateAsync(_name, _activation.GrainId, _state));

    public Task ClearStateAsync() =>
        RunAsync(nameof(ClearStateAsync), () => _store.ClearStateAsync(_name, _activation.GrainId, _state));

    private static TState Create() => typeof(TState).IsValueType || typeof(TState) == typeof(string)
        ? default!
        : Activator.CreateInstance<TState>();

    private async Task RunAsync(string operation, Func<Task> run)
    {
        _activation.CheckCurrent(operation);
        try
        {
            await run();
            _state.State ??= Create();
        }
        catch (Exception exception) when (exception is not OrleansException)
        {
            throw new OrleansException(
                $"Error from storage provider {_store.GetType().Name}.{_name} during {operation} for grain "
                + $"{_activation.GrainId}: {exception.Message}",
                exception);
        }
    }
}
