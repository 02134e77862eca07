namespace SnapshotGrains.Silo;

/// <summary>Where silos learn of each other.</summary>
public enum Membership
{
    /// <summary>Nowhere: the silos of this process are all there are.</summary>
    Local,

    /// <summary>In a PostgreSQL database that the silos of several processes share.</summary>
    Postgres,

    /// <summary>In a Redis database that the silos of several processes share.</summary>
    Redis,
}
