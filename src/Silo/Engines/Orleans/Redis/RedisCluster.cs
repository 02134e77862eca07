using Orleans.Hosting;
using SnapshotGrains.Grains.Disks;
using SnapshotGrains.Grains.Records;
using SnapshotGrains.Silo.Persistence;
using StackExchange.Redis;

namespace SnapshotGrains.Silo.Hosting;

/// <summary>Silos meet, and keep their metadata, in a Redis database.</summary>
internal sealed class RedisCluster : SharedCluster
{
    private readonly IConnectionMultiplexer _database;

    private RedisCluster(SiloSettings settings, IConnectionMultiplexer database)
        : base(settings) => _database = database;

    /// <summary>Connects, and logs what endangers the metadata there.</summary>
    /// <exception cref="SiloConfigurationException">The connection string is none.</exception>
    /// <exception cref="SnapshotGrainsException"><see cref="ErrorCode.SiloUnavailable"/>: it does not answer.
    /// </exception>
    public static async Task<RedisCluster> OpenAsync(
        SiloSettings settings, ILoggerFactory logging, CancellationToken cancellationToken)
    {
        var database = await RedisDatabase.OpenAsync(settings.ConnectionString!, cancellationToken)
            .ConfigureAwait(false);
        var log = logging.CreateLogger<RedisCluster>();
        foreach (var danger in await RedisDatabase.DangersAsync(database).ConfigureAwait(false))
        {
            RedisDatabase.LogDanger(log, danger);
        }

        return new RedisCluster(settings, database);
    }

    public override ValueTask DisposeAsync() => _database.DisposeAsync();

    protected override void UseMembership(ISiloBuilder silo) => silo.UseRedisClustering(options =>
    {
        options.ConfigurationOptions = new ConfigurationOptions();
        options.CreateMultiplexer = _ => Task.FromResult((_database, true));
    });

    protected override void UseStorage(ISiloBuilder silo) => silo.AddRedisGrainStorage(
        StorageNames.Metadata,
        options =>
        {
            options.ConfigurationOptions = new ConfigurationOptions();
            options.CreateMultiplexer = _ => Task.FromResult((_database, true));
            options.GrainStorageSerializer = new JsonStateSerializer();
            options.DeleteStateOnClear = true;
        });
}
