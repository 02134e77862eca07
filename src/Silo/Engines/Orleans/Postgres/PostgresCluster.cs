using Npgsql;
using Orleans.Hosting;
using SnapshotGrains.Grains.Disks;
using SnapshotGrains.Grains.Records;
using SnapshotGrains.Silo.Persistence;

namespace SnapshotGrains.Silo.Hosting;

/// <summary>Silos meet, and keep their metadata, in a PostgreSQL database that <see cref="PostgresSchema"/> set up.
/// </summary>
internal sealed class PostgresCluster : SharedCluster
{
    private const string Invariant = "Npgsql";

    private readonly NpgsqlDataSource _database;

    private PostgresCluster(SiloSettings settings, NpgsqlDataSource database)
        : base(settings) => _database = database;

    /// <summary>Connects and looks for the schema.</summary>
    /// <exception cref="SiloConfigurationException">The connection string is none, or the database is not set up.
    /// </exception>
    /// <exception cref="SnapshotGrainsException"><see cref="ErrorCode.SiloUnavailable"/>: it does not answer.
    /// </exception>
    public static async Task<PostgresCluster> OpenAsync(SiloSettings settings, CancellationToken cancellationToken)
    {
        var database = await PostgresDatabase.OpenAsync(settings.ConnectionString!, cancellationToken)
            .ConfigureAwait(false);
        try
        {
            await PostgresSchema.CheckAsync(database, cancellationToken).ConfigureAwait(false);
            return new PostgresCluster(settings, database);
        }
        catch
        {
            await database.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    public override ValueTask DisposeAsync() => _database.DisposeAsync();

    protected override void UseMembership(ISiloBuilder silo) => silo.UseAdoNetClustering(options =>
    {
        options.Invariant = Invariant;
        options.DataSource = _database;
    });

    protected override void UseStorage(ISiloBuilder silo) => silo.AddAdoNetGrainStorage(
        StorageNames.Metadata,
        options =>
        {
            options.Invariant = Invariant;
            options.DataSource = _database;
            options.GrainStorageSerializer = new JsonStateSerializer();
            options.HashPicker = new ExactKeyPicker();
            options.DeleteStateOnClear = true;
        });
}
