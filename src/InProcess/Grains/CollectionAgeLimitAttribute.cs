using System.Globalization;

namespace Orleans;

/// <summary>How long an activation of the class may be idle before it is collected.</summary>
[AttributeUsage(AttributeTargets.Class, AllowMultiple = false)]
public class CollectionAgeLimitAttribute : Attribute
{
    private TimeSpan _age = TimeSpan.FromMinutes(15);

    /// <summary>Set by the properties.</summary>
    public CollectionAgeLimitAttribute()
    {
    }

    /// <summary>Set by a <see cref="TimeSpan"/> as text.</summary>
    public CollectionAgeLimitAttribute(string inactivityPeriod)
    {
        _age = TimeSpan.Parse(inactivityPeriod, CultureInfo.InvariantCulture);
    }

    /// <summary>The limit.</summary>
    public TimeSpan AgeLimit => AlwaysActive ? Timeout.InfiniteTimeSpan : _age;

    /// <summary>Never collect.</summary>
    public bool AlwaysActive { get; set; }

    /// <summary>The limit in minutes.</summary>
    public double Minutes
    {
        get => _age.TotalMinutes;
        set => _age = TimeSpan.FromMinutes(value);
    }
}
