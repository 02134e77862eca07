using Orleans.Hosting;
using Orleans.Runtime.Hosting;

namespace SnapshotGrains.Silo.Persistence;

/// <summary>Adds SQLite grain storage to a silo.</summary>
public static class SqliteGrainStorageHosting
{
    /// <summary>Adds grain storage called <paramref name="name"/>, kept in <paramref name="store"/>.</summary>
    public static ISiloBuilder AddSqliteGrainStorage(this ISiloBuilder silo, string name, SqliteStateStore store)
    {
        silo.Services.AddGrainStorage(name, (_, provider) => new SqliteGrainStorage(provider, store));
        return silo;
    }
}
