namespace SnapshotGrains.Silo;

/// <summary>Prepares the database that the silos of a cluster meet in.</summary>
public interface IClusterSetup
{
    /// <summary>What it runs there, as a script of the database's own; null: the database needs none.</summary>
    string? Script { get; }

    /// <summary>Prepares the database, or finds it prepared. Several may do that at once.</summary>
    /// <param name="source">Where it is.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>What endangers the metadata there; a sentence each.</returns>
    /// <exception cref="SiloConfigurationException">It refuses.</exception>
    /// <exception cref="SnapshotGrainsException"><see cref="ErrorCode.SiloUnavailable"/>: it does not answer.
    /// </exception>
    Task<IReadOnlyList<string>> ApplyAsync(ConnectionSource source, CancellationToken cancellationToken);
}
