using SnapshotGrains.Testing;

namespace SnapshotGrains.Silo.Tests.Cluster;

/// <summary>A PostgreSQL and a Redis that the tests of a class share; each takes a database of its own.</summary>
public sealed class ClusterDatabases : IAsyncLifetime
{
    private readonly Lazy<Task<PostgresServer>> _postgres = new(PostgresServer.StartAsync);
    private readonly Lazy<Task<RedisServer>> _redis = new(() => RedisServer.StartAsync());

    public Task<PostgresServer> Postgres => _postgres.Value;

    public Task<RedisServer> Redis => _redis.Value;

    /// <summary>A database in which nothing is.</summary>
    /// <returns>Its connection string.</returns>
    public async Task<string> CreateAsync(Membership membership) => membership == Membership.Postgres
        ? await (await Postgres).CreateDatabaseAsync()
        : (await Redis).CreateDatabase();

    /// <summary>A database for a cluster.</summary>
    /// <returns>Its connection string.</returns>
    public async Task<string> PrepareAsync(Membership membership)
    {
        var connection = await CreateAsync(membership);
        await ClusterSetup.Of(membership).ApplyAsync(ConnectionSource.Parse(connection), CancellationToken.None);
        return connection;
    }

    /// <summary>Nothing: a server that no test needs is not started.</summary>
    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        if (_postgres.IsValueCreated)
        {
            await (await Postgres).DisposeAsync();
        }

        if (_redis.IsValueCreated)
        {
            await (await Redis).DisposeAsync();
        }
    }
}
