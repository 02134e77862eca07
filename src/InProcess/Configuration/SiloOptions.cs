namespace Orleans.Configuration;

/// <summary>Options of a silo.</summary>
public class SiloOptions
{
    /// <summary>The silo's name. Default: made of its address.</summary>
    public string SiloName { get; set; } = string.Empty;
}
