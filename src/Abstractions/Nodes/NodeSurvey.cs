using Orleans;
using Orleans.Runtime;

namespace SnapshotGrains;

/// <summary>
/// Asks silos, all at once. One that has died meanwhile, is about to, or does not answer in time is left out.
/// </summary>
/// <param name="grains">Where the grains are.</param>
/// <param name="patience">How long a silo may take to answer.</param>
/// <param name="time">The clock.</param>
public sealed class NodeSurvey(IGrainFactory grains, TimeSpan patience, TimeProvider time)
{
    /// <summary>The silos that are alive, as far as the cluster knows.</summary>
    public async Task<IReadOnlyCollection<SiloAddress>> ListAsync() =>
        (await grains.GetGrain<IManagementGrain>(0).GetHosts(onlyActive: true).ConfigureAwait(false)).Keys;

    /// <summary>Asks silos.</summary>
    /// <param name="silos">Whom.</param>
    /// <param name="ask">The question.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <param name="onMissed">Told who is left out, and why; at any time and on any thread.</param>
    /// <returns>The answers, by silo.</returns>
    public async Task<IReadOnlyDictionary<SiloAddress, T>> AskAsync<T>(
        IEnumerable<SiloAddress> silos, Func<INodeGrain, Task<T>> ask, CancellationToken cancellationToken,
        Action<SiloAddress, Exception>? onMissed = null)
    {
        var answers = await Task.WhenAll(silos.Select(silo => AskAsync(silo, ask, onMissed, cancellationToken)))
            .ConfigureAwait(false);
        return answers.Where(answer => answer.IsThere).ToDictionary(answer => answer.Silo, answer => answer.Answer);
    }

    /// <summary>Tells silos something.</summary>
    /// <param name="silos">Whom.</param>
    /// <param name="tell">What.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <param name="onMissed">Told who is left out, and why; at any time and on any thread.</param>
    public Task TellAsync(
        IEnumerable<SiloAddress> silos, Func<INodeGrain, Task> tell, CancellationToken cancellationToken,
        Action<SiloAddress, Exception>? onMissed = null) =>
        AskAsync(silos, node => DoneAsync(tell(node)), cancellationToken, onMissed);

    private static async Task<bool> DoneAsync(Task task)
    {
        await task.ConfigureAwait(false);
        return true;
    }

    private async Task<(SiloAddress Silo, bool IsThere, T Answer)> AskAsync<T>(
        SiloAddress silo, Func<INodeGrain, Task<T>> ask, Action<SiloAddress, Exception>? onMissed,
        CancellationToken cancellationToken)
    {
        try
        {
            var answer = ask(grains.GetGrain<INodeGrain>(silo.ToParsableString()));
            return (silo, true, await answer.WaitAsync(patience, time, cancellationToken).ConfigureAwait(false));
        }
        catch (Exception error) when (error is OrleansException or TimeoutException
            or SnapshotGrainsException { IsTransient: true })
        {
            onMissed?.Invoke(silo, error);
            return (silo, false, default!);
        }
    }
}
