namespace Orleans;

/// <summary>Marker of attributes that say how a constructor parameter is made for each activation.</summary>
public interface IFacetMetadata;
