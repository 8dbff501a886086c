namespace VoiceCarnival.Protocols.Sdp;

/// <summary>The attributes of a session or a media section, in their order. Names are case-sensitive (RFC 8866, section 5.13).</summary>
public sealed class AttributeLines : List<AttributeLine>
{
    /// <summary>The first of a name; null when there is none.</summary>
    public AttributeLine? this[string name] => Find(attribute => attribute.Name == name);

    /// <summary>Whether there is one of a name.</summary>
    public bool Has(string name) => this[name] is not null;

    /// <summary>All of a name.</summary>
    public IEnumerable<AttributeLine> All(string name) => this.Where(attribute => attribute.Name == name);

    /// <summary>Adds one.</summary>
    public void Add(string name, string? value = null) => Add(new AttributeLine(name, value));
}
