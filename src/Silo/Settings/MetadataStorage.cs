namespace SnapshotGrains.Silo;

/// <summary>Where the grains' state is kept: images, disks, keys, operations.</summary>
public enum MetadataStorage
{
    /// <summary>In a SQLite file in the data directory.</summary>
    Sqlite,

    /// <summary>In the PostgreSQL database that membership is in.</summary>
    Postgres,

    /// <summary>In the Redis database that membership is in.</summary>
    Redis,
}
