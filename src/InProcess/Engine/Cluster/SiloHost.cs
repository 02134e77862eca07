using Microsoft.Extensions.Hosting;
using Orleans;
using Orleans.Runtime;
using SnapshotGrains.InProcess.Lifecycle;

namespace SnapshotGrains.InProcess.Cluster;

/// <summary>Starts and stops a silo with its host. A stop whose token is cancelled already is a death.</summary>
internal sealed class SiloHost : IHostedService
{
    private readonly Silo _silo;
    private readonly SiloStages _stages;

    public SiloHost(Silo silo, SiloStages stages, IEnumerable<ILifecycleParticipant<ISiloLifecycle>> participants)
    {
        _silo = silo;
        _stages = stages;
        stages.Subscribe(
            nameof(Silo), ServiceLifecycleStage.BecomeActive, OpenAsync, token => silo.DrainAsync(token));
        foreach (var participant in participants)
        {
            participant.Participate(stages);
        }
    }

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        _silo.Join();
        try
        {
            await _stages.StartAsync(cancellationToken);
        }
        catch
        {
            _silo.Kill();
            throw;
        }
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            _silo.Kill();
        }

        try
        {
            await _stages.StopAsync(cancellationToken);
        }
        catch (AggregateException) when (cancellationToken.IsCancellationRequested)
        {
            // The token's owner asked not to wait for what could not end in time.
        }
        finally
        {
            _silo.Kill();
        }
    }

    private Task OpenAsync(CancellationToken cancellationToken)
    {
        _silo.Open();
        return Task.CompletedTask;
    }
}
